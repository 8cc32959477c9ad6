using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Kadath.Primitives;

/// <summary>A ChaCha20 key as words.</summary>
internal readonly struct ChaChaKey
{
    public readonly uint K0, K1, K2, K3, K4, K5, K6, K7;

    private ChaChaKey(ReadOnlySpan<byte> bytes)
    {
        K0 = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        K1 = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        K2 = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        K3 = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        K4 = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        K5 = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        K6 = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]);
        K7 = BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]);
    }

    public static ChaChaKey Read(ReadOnlySpan<byte> bytes) => new(bytes);
}

/// <summary>
/// The ChaCha20 block function with a 64-bit counter and a 64-bit nonce (Bernstein's original layout; words 12 to 15 of RFC 8439 §2.3).
/// It serves the entropy tree only: ciphers live in <c>Kadath.Crypto</c>, which stands above this project.
/// </summary>
internal static class ChaCha20
{
    /// <summary>Bytes that one call produces.</summary>
    public const int BlockSize = 64;

    /// <summary>Separates the derivation of children from output: the two never share a block.</summary>
    public const ulong ChildNonce = 0x646C696863UL;

    /// <summary>The nonce of a leaf's output.</summary>
    public const ulong StreamNonce = 0x6D6165727473UL;

    /// <summary>Writes 64 bytes of key stream.</summary>
    public static void Block(in ChaChaKey key, ulong counter, ulong nonce, Span<byte> destination)
    {
        Span<uint> state =
        [
            0x61707865, 0x3320646E, 0x79622D32, 0x6B206574,
            key.K0, key.K1, key.K2, key.K3, key.K4, key.K5, key.K6, key.K7,
            (uint)counter, (uint)(counter >> 32), (uint)nonce, (uint)(nonce >> 32),
        ];
        Span<uint> x = stackalloc uint[16];
        state.CopyTo(x);
        for (int round = 0; round < 10; round++)
        {
            Quarter(ref x[0], ref x[4], ref x[8], ref x[12]);
            Quarter(ref x[1], ref x[5], ref x[9], ref x[13]);
            Quarter(ref x[2], ref x[6], ref x[10], ref x[14]);
            Quarter(ref x[3], ref x[7], ref x[11], ref x[15]);
            Quarter(ref x[0], ref x[5], ref x[10], ref x[15]);
            Quarter(ref x[1], ref x[6], ref x[11], ref x[12]);
            Quarter(ref x[2], ref x[7], ref x[8], ref x[13]);
            Quarter(ref x[3], ref x[4], ref x[9], ref x[14]);
        }

        for (int i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(4 * i)..], x[i] + state[i]);
        }
    }

    private static void Quarter(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 16);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 12);
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 8);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 7);
    }
}
