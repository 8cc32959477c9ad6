using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>The round keys of AES (FIPS 197 section 5.2) and the encryption of single blocks, by the processor's instructions.</summary>
internal static unsafe class AesSchedule
{
    /// <summary>Bytes of the round keys of AES-256, the longest.</summary>
    public const int MaxBytes = 15 * 16;

    /// <summary>Rounds for a key of 16 or 32 bytes: 10 or 14. There is one round key more.</summary>
    public static int Rounds(int keyBytes) => (keyBytes / 4) + 6;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand<TAes>(ReadOnlySpan<byte> key, byte* roundKeys)
        where TAes : IAesInstructions
    {
        var keyWords = key.Length / 4;
        var words = (uint*)roundKeys;
        key.CopyTo(new Span<byte>(roundKeys, key.Length));
        var constant = 1u;
        for (var i = keyWords; i < 4 * (Rounds(key.Length) + 1); i++)
        {
            var word = words[i - 1];
            if (i % keyWords == 0)
            {
                word = BitOperations.RotateRight(SubstituteWord<TAes>(word), 8) ^ constant;
                constant = NextConstant(constant);
            }
            else if (keyWords == 8 && i % keyWords == 4)
            {
                word = SubstituteWord<TAes>(word);
            }

            words[i] = words[i - keyWords] ^ word;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Encrypt<TAes>(Vector128<byte> block, byte* roundKeys, int rounds)
        where TAes : IAesInstructions
    {
        block ^= Vector128.Load(roundKeys);
        for (var round = 1; round < rounds; round++)
        {
            block = TAes.Round(block, Vector128.Load(roundKeys + (16 * round)));
        }

        return TAes.LastRound(block, Vector128.Load(roundKeys + (16 * rounds)));
    }

    /// <summary>All rounds over eight blocks, to which the first round key has been added: eight hide the latency of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FinishEight<TAes>(
        Vector128<byte> b0, Vector128<byte> b1, Vector128<byte> b2, Vector128<byte> b3, Vector128<byte> b4, Vector128<byte> b5, Vector128<byte> b6,
        Vector128<byte> b7, byte* roundKeys, int rounds, byte* output)
        where TAes : IAesInstructions
    {
        Vector128<byte> k;
        for (var round = 1; round < rounds; round++)
        {
            k = Vector128.LoadAligned(roundKeys + (16 * round));
            b0 = TAes.Round(b0, k);
            b1 = TAes.Round(b1, k);
            b2 = TAes.Round(b2, k);
            b3 = TAes.Round(b3, k);
            b4 = TAes.Round(b4, k);
            b5 = TAes.Round(b5, k);
            b6 = TAes.Round(b6, k);
            b7 = TAes.Round(b7, k);
        }

        k = Vector128.LoadAligned(roundKeys + (16 * rounds));
        TAes.LastRound(b0, k).Store(output);
        TAes.LastRound(b1, k).Store(output + 16);
        TAes.LastRound(b2, k).Store(output + 32);
        TAes.LastRound(b3, k).Store(output + 48);
        TAes.LastRound(b4, k).Store(output + 64);
        TAes.LastRound(b5, k).Store(output + 80);
        TAes.LastRound(b6, k).Store(output + 96);
        TAes.LastRound(b7, k).Store(output + 112);
    }

    /// <summary>The S-box on four bytes: with four equal columns, ShiftRows moves nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint SubstituteWord<TAes>(uint word)
        where TAes : IAesInstructions => TAes.LastRound(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar();

    /// <summary>Doubling in the field of AES; of a public constant.</summary>
    public static uint NextConstant(uint constant) => constant == 0x80 ? 0x1b : constant << 1;
}
