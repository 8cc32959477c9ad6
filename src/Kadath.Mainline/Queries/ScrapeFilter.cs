using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Kadath.Crypto;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Queries;

/// <summary>Bloom filters of IP addresses (BEP 33): 2,048 bits, two hashes out of SHA-1 of the address, and what they tell of the number of addresses.</summary>
internal static class ScrapeFilter
{
    private const int Bits = 8 * KrpcLimits.Filter;

    /// <summary>The two bit numbers of an address, the first in the lower half: worth keeping, since SHA-1 costs more than all the rest.</summary>
    public static uint HashOf(in Endpoint address, IHash sha1)
    {
        Span<byte> bytes = stackalloc byte[16];
        Span<byte> digest = stackalloc byte[20];
        sha1.Hash(bytes[..address.WriteAddress(bytes)], digest);
        return BinaryPrimitives.ReadUInt32LittleEndian(digest) & (((Bits - 1) << 16) | (Bits - 1));
    }

    /// <summary>Sets the two bits of an address.</summary>
    public static void Insert(Span<byte> filter, uint hash)
    {
        uint first = hash & 0xffff, second = hash >> 16;
        filter[(int)(first / 8)] |= (byte)(1 << (int)(first % 8));
        filter[(int)(second / 8)] |= (byte)(1 << (int)(second % 8));
    }

    /// <summary>Adds everything that another filter holds.</summary>
    public static void Merge(Span<byte> filter, ReadOnlySpan<byte> other)
    {
        for (int i = 0; i < KrpcLimits.Filter; i++)
        {
            filter[i] |= other[i];
        }
    }

    /// <summary>The estimated number of addresses in a filter of 256 bytes; a full one gives about 7,800.</summary>
    public static double Estimate(ReadOnlySpan<byte> filter)
    {
        int set = 0;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(filter[..KrpcLimits.Filter]))
        {
            set += BitOperations.PopCount(word);
        }

        double zeros = Math.Max(1, Bits - set);
        return Math.Log(zeros / Bits) / (2 * Math.Log(1 - (1.0 / Bits)));
    }
}
