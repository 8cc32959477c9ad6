using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>Makes the public matrix A from its seed, eight rows at a time (Frodo.Gen); never the whole, which is over a megabyte.</summary>
[SkipLocalsInit]
internal sealed class FrodoMatrix(FrodoParameters parameters, VectorWidth width)
{
    /// <summary>Rows made at a time.</summary>
    public const int RowsAtOnce = 8;

    /// <summary>Writes rows <paramref name="firstRow"/> to <paramref name="firstRow"/> + 7.</summary>
    public void Expand(ReadOnlySpan<byte> seed, int firstRow, Span<ushort> rows)
    {
        if (!parameters.UsesAes)
        {
            ExpandByShake(seed, firstRow, rows);
        }
        else if (X86AesInstructions.IsSupported)
        {
            ExpandByInstructions<X86AesInstructions>(seed, firstRow, rows);
        }
        else if (ArmAesInstructions.IsSupported)
        {
            ExpandByInstructions<ArmAesInstructions>(seed, firstRow, rows);
        }
        else
        {
            ExpandByPlatform(seed, firstRow, rows);
        }
    }

    private void ExpandByShake(ReadOnlySpan<byte> seed, int firstRow, Span<ushort> rows)
    {
        Span<ulong> storage = stackalloc ulong[ShakeLanes.MaxWords];
        Span<byte> message = stackalloc byte[sizeof(ushort) + FrodoParameters.MatrixSeedBytes];
        seed.CopyTo(message[sizeof(ushort)..]);
        var words = MemoryMarshal.Cast<ushort, ulong>(rows);
        var wordsOfRow = words.Length / RowsAtOnce;
        for (var done = 0; done < RowsAtOnce;)
        {
            var lanes = new ShakeLanes(storage, ShakeLanes.CountFor(RowsAtOnce, width), Sponge.Shake128Rate);
            for (var lane = 0; lane < lanes.Count; lane++)
            {
                var row = (ushort)(firstRow + done + lane);
                MemoryMarshal.Write(message, in row);
                lanes.Absorb(lane, message);
            }

            for (var at = 0; at < wordsOfRow; at += Sponge.Shake128Rate / sizeof(ulong))
            {
                lanes.Permute();
                for (var lane = 0; lane < lanes.Count; lane++)
                {
                    var start = ((done + lane) * wordsOfRow) + at;
                    lanes.CopyTo(lane, words.Slice(start, Math.Min(Sponge.Shake128Rate / sizeof(ulong), wordsOfRow - at)));
                }
            }

            done += lanes.Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void ExpandByInstructions<TAes>(ReadOnlySpan<byte> seed, int firstRow, Span<ushort> rows)
        where TAes : IAesInstructions
    {
        var roundKeys = stackalloc byte[AesSchedule.MaxBytes];
        AesSchedule.Expand<TAes>(seed, roundKeys);
        var columns = rows.Length / RowsAtOnce;
        var rounds = AesSchedule.Rounds(seed.Length);
        ref var to = ref MemoryMarshal.GetReference(rows);
        for (var row = 0; row < RowsAtOnce; row++)
        {
            for (var column = 0; column < columns; column += Vector128<ushort>.Count)
            {
                var block = Vector128.CreateScalar((uint)(firstRow + row) | ((uint)column << 16));
                AesSchedule.Encrypt<TAes>(block.AsByte(), roundKeys, rounds).AsUInt16().StoreUnsafe(ref to, (nuint)((row * columns) + column));
            }
        }
    }

    /// <summary>Without instructions for AES the platform's, which is not managed but better than a table; what it encrypts is public.</summary>
    internal static void ExpandByPlatform(ReadOnlySpan<byte> seed, int firstRow, Span<ushort> rows)
    {
        var columns = rows.Length / RowsAtOnce;
        rows.Clear();
        for (var at = 0; at < rows.Length; at += 8)
        {
            (rows[at], rows[at + 1]) = ((ushort)(firstRow + (at / columns)), (ushort)(at % columns));
        }

        using var aes = Aes.Create();
        aes.SetKey(seed);
        aes.EncryptEcb(MemoryMarshal.AsBytes(rows), MemoryMarshal.AsBytes(rows), PaddingMode.None);
    }
}
