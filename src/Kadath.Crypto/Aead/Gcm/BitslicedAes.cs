using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>
/// AES without instructions and without tables: four blocks lie bit by bit in eight words, and the S-box is a circuit (Boyar and Peralta,
/// 2011; the layout is that of BearSSL's aes_ct64). Some twenty times slower than the instructions, and as constant in time.
/// </summary>
internal static unsafe class BitslicedAes
{
    /// <summary>Words of a round key.</summary>
    public const int WordsPerRound = 8;

    /// <summary>Bytes of key stream that one call gives.</summary>
    public const int RunBytes = 64;

    /// <summary>Writes the round keys in the layout of the blocks.</summary>
    [SkipLocalsInit]
    public static void Expand(ReadOnlySpan<byte> key, ulong* roundKeys)
    {
        var keyWords = key.Length / 4;
        Span<uint> words = stackalloc uint[AesSchedule.MaxBytes / 4];
        for (var i = 0; i < keyWords; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        }

        var rounds = AesSchedule.Rounds(key.Length);
        var constant = 1u;
        for (var i = keyWords; i < 4 * (rounds + 1); i++)
        {
            var word = words[i - 1];
            if (i % keyWords == 0)
            {
                word = BitOperations.RotateRight(SubstituteWord(word), 8) ^ constant;
                constant = AesSchedule.NextConstant(constant);
            }
            else if (keyWords == 8 && i % keyWords == 4)
            {
                word = SubstituteWord(word);
            }

            words[i] = words[i - keyWords] ^ word;
        }

        for (var round = 0; round <= rounds; round++)
        {
            var q = roundKeys + (WordsPerRound * round);
            Interleave(words.Slice(4 * round, 4), out q[0], out q[4]);
            q[1] = q[2] = q[3] = q[0];
            q[5] = q[6] = q[7] = q[4];
            Transpose(q);
        }

        Erase.Span(words);
    }

    /// <summary>Encrypts four blocks of four little-endian words each, in place.</summary>
    [SkipLocalsInit]
    public static void Encrypt(Span<uint> blocks, ulong* roundKeys, int rounds)
    {
        var q = stackalloc ulong[8];
        for (var i = 0; i < 4; i++)
        {
            Interleave(blocks.Slice(4 * i, 4), out q[i], out q[i + 4]);
        }

        Transpose(q);
        AddRoundKey(q, roundKeys);
        for (var round = 1; round < rounds; round++)
        {
            AesSubstitution.Apply(q);
            ShiftRows(q);
            MixColumns(q);
            AddRoundKey(q, roundKeys + (WordsPerRound * round));
        }

        AesSubstitution.Apply(q);
        ShiftRows(q);
        AddRoundKey(q, roundKeys + (WordsPerRound * rounds));
        Transpose(q);
        for (var i = 0; i < 4; i++)
        {
            Separate(q[i], q[i + 4], blocks.Slice(4 * i, 4));
        }

        Erase.Span(new Span<ulong>(q, 8));
    }

    [SkipLocalsInit]
    private static uint SubstituteWord(uint word)
    {
        var q = stackalloc ulong[8];
        new Span<ulong>(q, 8).Clear();
        q[0] = word;
        Transpose(q);
        AesSubstitution.Apply(q);
        Transpose(q);
        var result = (uint)q[0];
        Erase.Span(new Span<ulong>(q, 8));
        return result;
    }

    private static void AddRoundKey(ulong* q, ulong* roundKey)
    {
        for (var i = 0; i < WordsPerRound; i++)
        {
            q[i] ^= roundKey[i];
        }
    }

    private static void ShiftRows(ulong* q)
    {
        for (var i = 0; i < WordsPerRound; i++)
        {
            var x = q[i];
            q[i] = (x & 0x000000000000FFFF)
                | ((x & 0x00000000FFF00000) >> 4) | ((x & 0x00000000000F0000) << 12)
                | ((x & 0x0000FF0000000000) >> 8) | ((x & 0x000000FF00000000) << 8)
                | ((x & 0xF000000000000000) >> 12) | ((x & 0x0FFF000000000000) << 4);
        }
    }

    private static void MixColumns(ulong* q)
    {
        ulong q0 = q[0], q1 = q[1], q2 = q[2], q3 = q[3], q4 = q[4], q5 = q[5], q6 = q[6], q7 = q[7];
        ulong r0 = BitOperations.RotateRight(q0, 16), r1 = BitOperations.RotateRight(q1, 16), r2 = BitOperations.RotateRight(q2, 16);
        ulong r3 = BitOperations.RotateRight(q3, 16), r4 = BitOperations.RotateRight(q4, 16), r5 = BitOperations.RotateRight(q5, 16);
        ulong r6 = BitOperations.RotateRight(q6, 16), r7 = BitOperations.RotateRight(q7, 16);
        q[0] = q7 ^ r7 ^ r0 ^ BitOperations.RotateRight(q0 ^ r0, 32);
        q[1] = q0 ^ r0 ^ q7 ^ r7 ^ r1 ^ BitOperations.RotateRight(q1 ^ r1, 32);
        q[2] = q1 ^ r1 ^ r2 ^ BitOperations.RotateRight(q2 ^ r2, 32);
        q[3] = q2 ^ r2 ^ q7 ^ r7 ^ r3 ^ BitOperations.RotateRight(q3 ^ r3, 32);
        q[4] = q3 ^ r3 ^ q7 ^ r7 ^ r4 ^ BitOperations.RotateRight(q4 ^ r4, 32);
        q[5] = q4 ^ r4 ^ r5 ^ BitOperations.RotateRight(q5 ^ r5, 32);
        q[6] = q5 ^ r5 ^ r6 ^ BitOperations.RotateRight(q6 ^ r6, 32);
        q[7] = q6 ^ r6 ^ r7 ^ BitOperations.RotateRight(q7 ^ r7, 32);
    }

    /// <summary>Spreads the bytes of one block over two words.</summary>
    private static void Interleave(ReadOnlySpan<uint> words, out ulong even, out ulong odd)
    {
        even = Spread(words[0]) | (Spread(words[2]) << 8);
        odd = Spread(words[1]) | (Spread(words[3]) << 8);
    }

    /// <summary>What <see cref="Interleave"/> spread.</summary>
    private static void Separate(ulong even, ulong odd, Span<uint> words)
    {
        words[0] = Gather(even);
        words[1] = Gather(odd);
        words[2] = Gather(even >> 8);
        words[3] = Gather(odd >> 8);
    }

    private static ulong Spread(ulong x)
    {
        x = (x | (x << 16)) & 0x0000FFFF0000FFFF;
        return (x | (x << 8)) & 0x00FF00FF00FF00FF;
    }

    private static uint Gather(ulong x)
    {
        x &= 0x00FF00FF00FF00FF;
        x = (x | (x >> 8)) & 0x0000FFFF0000FFFF;
        return (uint)x | (uint)(x >> 16);
    }

    /// <summary>Brings equal bits of all bytes together; its own inverse.</summary>
    private static void Transpose(ulong* q)
    {
        for (var i = 0; i < 8; i += 2)
        {
            Exchange(ref q[i], ref q[i + 1], 0x5555555555555555, 1);
        }

        for (var i = 0; i < 8; i += 4)
        {
            Exchange(ref q[i], ref q[i + 2], 0x3333333333333333, 2);
            Exchange(ref q[i + 1], ref q[i + 3], 0x3333333333333333, 2);
        }

        for (var i = 0; i < 4; i++)
        {
            Exchange(ref q[i], ref q[i + 4], 0x0F0F0F0F0F0F0F0F, 4);
        }
    }

    private static void Exchange(ref ulong x, ref ulong y, ulong mask, int shift)
    {
        var (a, b) = (x, y);
        x = (a & mask) | ((b & mask) << shift);
        y = ((a & ~mask) >> shift) | (b & ~mask);
    }
}
