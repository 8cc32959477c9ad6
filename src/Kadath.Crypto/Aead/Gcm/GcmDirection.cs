using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Sealing or opening: known to the compiler, so that a kernel is written once and has no branch for it.</summary>
internal interface IGcmDirection
{
    /// <summary>Which of the bytes before and after the key stream was added is the ciphertext, which is what is authenticated.</summary>
    static abstract Vector128<byte> Ciphertext(Vector128<byte> before, Vector128<byte> after);

    /// <inheritdoc cref="Ciphertext(Vector128{byte}, Vector128{byte})"/>
    static abstract Vector512<byte> Ciphertext(Vector512<byte> before, Vector512<byte> after);
}

internal readonly struct Sealing : IGcmDirection
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Ciphertext(Vector128<byte> before, Vector128<byte> after) => after;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Ciphertext(Vector512<byte> before, Vector512<byte> after) => after;
}

internal readonly struct Opening : IGcmDirection
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Ciphertext(Vector128<byte> before, Vector128<byte> after) => before;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Ciphertext(Vector512<byte> before, Vector512<byte> after) => before;
}

/// <summary>The counter blocks of GCM for a nonce of 96 bits: the nonce, then a big-endian number that starts at one (section 7.1).</summary>
/// <remarks>The number cannot wrap: it counts blocks of 16 bytes, and a span has fewer than 2^31.</remarks>
internal static unsafe class GcmCounter
{
    /// <summary>The block that masks the tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> First(byte* nonce) =>
        Vector128.Create(*(uint*)nonce, *(uint*)(nonce + 4), *(uint*)(nonce + 8), BinaryPrimitives.ReverseEndianness(1u));

    /// <summary>Exchanges a counter block and the form in which its last word can be counted up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Swap(Vector128<uint> block) =>
        Vector128.ShuffleNative(block.AsByte(), Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12)).AsUInt32();

    /// <summary>Counts up and gives the next counter block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Next(ref Vector128<uint> counter)
    {
        counter += Vector128.Create(0u, 0, 0, 1);
        return Swap(counter).AsByte();
    }
}
