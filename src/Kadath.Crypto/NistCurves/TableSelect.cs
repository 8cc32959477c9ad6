using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Reading a table at a secret place: by reading all of it.</summary>
internal static class TableSelect
{
    /// <summary>Takes entry <paramref name="index"/> - 1; all zeros for index zero. An entry is a whole number of words, four or more. Constant-time.</summary>
    public static void Take<T>(out T result, ReadOnlySpan<T> table, uint index)
        where T : unmanaged
    {
        Unsafe.SkipInit(out result);
        var words = Unsafe.SizeOf<T>() / sizeof(ulong);
        ref var target = ref Unsafe.As<T, ulong>(ref result);
        ref var source = ref Unsafe.As<T, ulong>(ref MemoryMarshal.GetReference(table));
        var wanted = Vector256.Create((ulong)index);
        for (var offset = 0; offset < words; offset += 4)
        {
            // The last four overlap those before them where the words are no multiple of four.
            var at = Math.Min(offset, words - 4);
            var taken = Vector256<ulong>.Zero;
            var number = Vector256<ulong>.Zero;
            for (var i = 0; i < table.Length; i++)
            {
                number += Vector256<ulong>.One;
                taken |= Vector256.Equals(number, wanted) & Vector256.LoadUnsafe(ref source, (nuint)((i * words) + at));
            }

            taken.StoreUnsafe(ref target, (nuint)at);
        }
    }

    /// <summary>All ones if the index is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong IsZeroMask(uint index) => (ulong)((long)((ulong)index - 1) >> 63);
}
