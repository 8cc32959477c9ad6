using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>Poly1305 over many blocks at once: each lane sums every fourth or eighth block, multiplied by that power of the multiplier.</summary>
internal static unsafe class Poly1305Lanes
{
    /// <summary>From how many bytes on the powers cost less than they save.</summary>
    public const int MinBytes = 256;

    /// <summary>Takes in as many bytes as the widest vectors of this processor can, and says how many: none where it has no vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Append(ref PolyLimbs hash, in PolyLimbs multiplier, byte* data, int length)
    {
        if (PolyVector512.IsSupported)
        {
            return Poly1305Kernel<Vector512<ulong>, PolyVector512>.Append(ref hash, multiplier, data, length);
        }

        return PolyVector256.IsSupported ? Poly1305Kernel<Vector256<ulong>, PolyVector256>.Append(ref hash, multiplier, data, length) : 0;
    }
}

/// <summary>What the kernel needs of a vector of 64-bit words.</summary>
internal unsafe interface IPolyVector<TVector>
    where TVector : unmanaged
{
    static abstract bool IsSupported { get; }

    /// <summary>Words, each for one block.</summary>
    static abstract int Lanes { get; }

    /// <summary>The block that lies in a lane: how <see cref="Load"/> spreads them.</summary>
    static abstract int BlockOf(int lane);

    static abstract TVector Create(ulong value);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector And(TVector left, TVector right);

    static abstract TVector Or(TVector left, TVector right);

    static abstract TVector ShiftLeft(TVector value, int bits);

    static abstract TVector ShiftRight(TVector value, int bits);

    /// <summary>The products of the low halves of the words.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>The low and the high words of as many blocks as there are lanes.</summary>
    static abstract void Load(byte* data, out TVector low, out TVector high);
}

/// <summary>Four blocks: AVX2.</summary>
internal readonly unsafe struct PolyVector256 : IPolyVector<Vector256<ulong>>
{
    public static bool IsSupported => Avx2.IsSupported;

    public static int Lanes => 4;

    public static int BlockOf(int lane) => (lane >> 1) | ((lane & 1) << 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Create(ulong value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Add(Vector256<ulong> left, Vector256<ulong> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> And(Vector256<ulong> left, Vector256<ulong> right) => left & right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Or(Vector256<ulong> left, Vector256<ulong> right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> ShiftLeft(Vector256<ulong> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> ShiftRight(Vector256<ulong> value, int bits) => value >> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Multiply(Vector256<ulong> left, Vector256<ulong> right) => Avx2.Multiply(left.AsUInt32(), right.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* data, out Vector256<ulong> low, out Vector256<ulong> high)
    {
        Vector256<ulong> first = Vector256.Load((ulong*)data), second = Vector256.Load((ulong*)(data + 32));
        low = Avx2.UnpackLow(first, second);
        high = Avx2.UnpackHigh(first, second);
    }
}

/// <summary>Eight blocks: AVX-512.</summary>
internal readonly unsafe struct PolyVector512 : IPolyVector<Vector512<ulong>>
{
    public static bool IsSupported => Avx512F.IsSupported;

    public static int Lanes => 8;

    public static int BlockOf(int lane) => (lane >> 1) | ((lane & 1) << 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Create(ulong value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Add(Vector512<ulong> left, Vector512<ulong> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> And(Vector512<ulong> left, Vector512<ulong> right) => left & right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Or(Vector512<ulong> left, Vector512<ulong> right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> ShiftLeft(Vector512<ulong> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> ShiftRight(Vector512<ulong> value, int bits) => value >> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Multiply(Vector512<ulong> left, Vector512<ulong> right) => Avx512F.Multiply(left.AsUInt32(), right.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* data, out Vector512<ulong> low, out Vector512<ulong> high)
    {
        Vector512<ulong> first = Vector512.Load((ulong*)data), second = Vector512.Load((ulong*)(data + 64));
        low = Avx512F.UnpackLow(first, second);
        high = Avx512F.UnpackHigh(first, second);
    }
}
