using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>The compression function of SHA-1 (FIPS 180-4 section 6.1).</summary>
internal struct Sha1Core : IHashCore
{
    // FIPS 180-4 section 4.2.1, one constant for each twenty rounds.
    private const uint K0 = 0x5a827999, K1 = 0x6ed9eba1, K2 = 0x8f1bbcdc, K3 = 0xca62c1d6;

    private uint _h0, _h1, _h2, _h3, _h4;

    public readonly int BlockLength => 64;

    public readonly int DigestLength => 20;

    public void Initialize()
    {
        _h0 = 0x67452301;
        _h1 = 0xefcdab89;
        _h2 = 0x98badcfe;
        _h3 = 0x10325476;
        _h4 = 0xc3d2e1f0;
    }

    public readonly void WriteDigest(Span<byte> digest)
    {
        BinaryPrimitives.WriteUInt32BigEndian(digest, _h0);
        BinaryPrimitives.WriteUInt32BigEndian(digest[4..], _h1);
        BinaryPrimitives.WriteUInt32BigEndian(digest[8..], _h2);
        BinaryPrimitives.WriteUInt32BigEndian(digest[12..], _h3);
        BinaryPrimitives.WriteUInt32BigEndian(digest[16..], _h4);
    }

    [SkipLocalsInit]
    public void Compress(ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[80];
        for (var i = 0; i < 16; i++)
        {
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        }

        for (var i = 16; i < w.Length; i++)
        {
            w[i] = BitOperations.RotateLeft(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        }

        uint a = _h0, b = _h1, c = _h2, d = _h3, e = _h4;
        for (var i = 0; i < 20; i += 5)
        {
            Round(a, ref b, ref e, Choose(b, c, d) + K0 + w[i]);
            Round(e, ref a, ref d, Choose(a, b, c) + K0 + w[i + 1]);
            Round(d, ref e, ref c, Choose(e, a, b) + K0 + w[i + 2]);
            Round(c, ref d, ref b, Choose(d, e, a) + K0 + w[i + 3]);
            Round(b, ref c, ref a, Choose(c, d, e) + K0 + w[i + 4]);
        }

        ParityRounds(ref a, ref b, ref c, ref d, ref e, w[20..40], K1);
        for (var i = 40; i < 60; i += 5)
        {
            Round(a, ref b, ref e, Majority(b, c, d) + K2 + w[i]);
            Round(e, ref a, ref d, Majority(a, b, c) + K2 + w[i + 1]);
            Round(d, ref e, ref c, Majority(e, a, b) + K2 + w[i + 2]);
            Round(c, ref d, ref b, Majority(d, e, a) + K2 + w[i + 3]);
            Round(b, ref c, ref a, Majority(c, d, e) + K2 + w[i + 4]);
        }

        ParityRounds(ref a, ref b, ref c, ref d, ref e, w[60..], K3);
        _h0 += a;
        _h1 += b;
        _h2 += c;
        _h3 += d;
        _h4 += e;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ParityRounds(ref uint a, ref uint b, ref uint c, ref uint d, ref uint e, ReadOnlySpan<uint> w, uint k)
    {
        for (var i = 0; i + 4 < w.Length; i += 5)
        {
            Round(a, ref b, ref e, (b ^ c ^ d) + k + w[i]);
            Round(e, ref a, ref d, (a ^ b ^ c) + k + w[i + 1]);
            Round(d, ref e, ref c, (e ^ a ^ b) + k + w[i + 2]);
            Round(c, ref d, ref b, (d ^ e ^ a) + k + w[i + 3]);
            Round(b, ref c, ref a, (c ^ d ^ e) + k + w[i + 4]);
        }
    }

    /// <summary>One round with the five words renamed instead of moved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(uint a, ref uint b, ref uint e, uint input)
    {
        e += BitOperations.RotateLeft(a, 5) + input;
        b = BitOperations.RotateLeft(b, 30);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Choose(uint x, uint y, uint z) => z ^ (x & (y ^ z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Majority(uint x, uint y, uint z) => (x & y) | (z & (x | y));
}
