using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>SipHash-2-4 in portable arithmetic: additions, rotations and exclusive-or, hence constant-time for a given length.</summary>
public sealed class ManagedSipHash : ISipHash
{
    // "somepseudorandomlygeneratedbytes", the initialisation constants of the specification.
    private const ulong C0 = 0x736f6d6570736575, C1 = 0x646f72616e646f6d, C2 = 0x6c7967656e657261, C3 = 0x7465646279746573;

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public ulong Hash(SipHashKey key, ReadOnlySpan<byte> data)
    {
        ulong v0 = C0 ^ key.K0, v1 = C1 ^ key.K1, v2 = C2 ^ key.K0, v3 = C3 ^ key.K1;
        var last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
        {
            Absorb(BinaryPrimitives.ReadUInt64LittleEndian(data), ref v0, ref v1, ref v2, ref v3);
        }

        Absorb(last | Tail(data), ref v0, ref v1, ref v2, ref v3);
        v2 ^= 0xff;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /// <summary>The up to seven last bytes as a little-endian number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Tail(ReadOnlySpan<byte> rest)
    {
        var tail = 0UL;
        var shift = 0;
        if ((rest.Length & 4) != 0)
        {
            tail = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            rest = rest[4..];
            shift = 32;
        }

        if ((rest.Length & 2) != 0)
        {
            tail |= (ulong)BinaryPrimitives.ReadUInt16LittleEndian(rest) << shift;
            rest = rest[2..];
            shift += 16;
        }

        return rest.IsEmpty ? tail : tail | ((ulong)rest[0] << shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Absorb(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
