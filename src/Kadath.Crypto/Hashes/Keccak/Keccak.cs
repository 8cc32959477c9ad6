using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>The permutation Keccak-f[1600] (FIPS 202 section 3), on one state or on several in step.</summary>
/// <remarks>
/// A state is 25 words; several states are 25 vectors whose element i belongs to state i. There is no table that is
/// indexed and no branch but the count of rounds. The kernels are optimised from their first call and never compiled
/// ahead of time, so that there is one form of each.
/// </remarks>
internal static class Keccak
{
    /// <summary>Words of a state.</summary>
    public const int Words = 25;

    /// <summary>FIPS 202 section 3.2.5, step ι.</summary>
    /// <remarks>An array, because unoptimised code allocates for a span over constants.</remarks>
    private static readonly ulong[] s_roundConstants =
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Permutes one state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Permute(Span<ulong> state) => Permute<ulong, KeccakWord>(ref Start<ulong>(state, 1));

    /// <summary>Permutes four states: word w of state i is element 4w + i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Permute4(Span<ulong> states) => Permute<Vector256<ulong>, KeccakWord4>(ref Start<Vector256<ulong>>(states, 4));

    /// <summary>Permutes eight states: word w of state i is element 8w + i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Permute8(Span<ulong> states) => Permute<Vector512<ulong>, KeccakWord8>(ref Start<Vector512<ulong>>(states, 8));

    private static ref T Start<T>(Span<ulong> states, int count) =>
        ref Unsafe.As<ulong, T>(ref MemoryMarshal.GetReference(states[..(Words * count)]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Permute<T, W>(ref T state)
        where T : unmanaged
        where W : IKeccakWord<T>
    {
        Load(ref state, out var a0, out var a1, out var a2, out var a3, out var a4);
        Load(ref Unsafe.Add(ref state, 5), out var a5, out var a6, out var a7, out var a8, out var a9);
        Load(ref Unsafe.Add(ref state, 10), out var a10, out var a11, out var a12, out var a13, out var a14);
        Load(ref Unsafe.Add(ref state, 15), out var a15, out var a16, out var a17, out var a18, out var a19);
        Load(ref Unsafe.Add(ref state, 20), out var a20, out var a21, out var a22, out var a23, out var a24);
        var constants = s_roundConstants;
        for (var round = 0; round + 1 < constants.Length; round += 2)
        {
            var c0 = W.Xor(W.Xor(a0, a5, a10), a15, a20);
            var c1 = W.Xor(W.Xor(a1, a6, a11), a16, a21);
            var c2 = W.Xor(W.Xor(a2, a7, a12), a17, a22);
            var c3 = W.Xor(W.Xor(a3, a8, a13), a18, a23);
            var c4 = W.Xor(W.Xor(a4, a9, a14), a19, a24);
            var d0 = W.Xor(c4, W.RotateLeft(c1, 1));
            var d1 = W.Xor(c0, W.RotateLeft(c2, 1));
            var d2 = W.Xor(c1, W.RotateLeft(c3, 1));
            var d3 = W.Xor(c2, W.RotateLeft(c4, 1));
            var d4 = W.Xor(c3, W.RotateLeft(c0, 1));
            Row<T, W>(W.Xor(a0, d0), W.RotateLeft(W.Xor(a6, d1), 44), W.RotateLeft(W.Xor(a12, d2), 43), W.RotateLeft(W.Xor(a18, d3), 21), W.RotateLeft(W.Xor(a24, d4), 14),
                out var e0, out var e1, out var e2, out var e3, out var e4);
            Row<T, W>(W.RotateLeft(W.Xor(a3, d3), 28), W.RotateLeft(W.Xor(a9, d4), 20), W.RotateLeft(W.Xor(a10, d0), 3), W.RotateLeft(W.Xor(a16, d1), 45), W.RotateLeft(W.Xor(a22, d2), 61),
                out var e5, out var e6, out var e7, out var e8, out var e9);
            Row<T, W>(W.RotateLeft(W.Xor(a1, d1), 1), W.RotateLeft(W.Xor(a7, d2), 6), W.RotateLeft(W.Xor(a13, d3), 25), W.RotateLeft(W.Xor(a19, d4), 8), W.RotateLeft(W.Xor(a20, d0), 18),
                out var e10, out var e11, out var e12, out var e13, out var e14);
            Row<T, W>(W.RotateLeft(W.Xor(a4, d4), 27), W.RotateLeft(W.Xor(a5, d0), 36), W.RotateLeft(W.Xor(a11, d1), 10), W.RotateLeft(W.Xor(a17, d2), 15), W.RotateLeft(W.Xor(a23, d3), 56),
                out var e15, out var e16, out var e17, out var e18, out var e19);
            Row<T, W>(W.RotateLeft(W.Xor(a2, d2), 62), W.RotateLeft(W.Xor(a8, d3), 55), W.RotateLeft(W.Xor(a14, d4), 39), W.RotateLeft(W.Xor(a15, d0), 41), W.RotateLeft(W.Xor(a21, d1), 2),
                out var e20, out var e21, out var e22, out var e23, out var e24);
            e0 = W.Xor(e0, W.Broadcast(constants[round]));

            var f0 = W.Xor(W.Xor(e0, e5, e10), e15, e20);
            var f1 = W.Xor(W.Xor(e1, e6, e11), e16, e21);
            var f2 = W.Xor(W.Xor(e2, e7, e12), e17, e22);
            var f3 = W.Xor(W.Xor(e3, e8, e13), e18, e23);
            var f4 = W.Xor(W.Xor(e4, e9, e14), e19, e24);
            var g0 = W.Xor(f4, W.RotateLeft(f1, 1));
            var g1 = W.Xor(f0, W.RotateLeft(f2, 1));
            var g2 = W.Xor(f1, W.RotateLeft(f3, 1));
            var g3 = W.Xor(f2, W.RotateLeft(f4, 1));
            var g4 = W.Xor(f3, W.RotateLeft(f0, 1));
            Row<T, W>(W.Xor(e0, g0), W.RotateLeft(W.Xor(e6, g1), 44), W.RotateLeft(W.Xor(e12, g2), 43), W.RotateLeft(W.Xor(e18, g3), 21), W.RotateLeft(W.Xor(e24, g4), 14),
                out a0, out a1, out a2, out a3, out a4);
            Row<T, W>(W.RotateLeft(W.Xor(e3, g3), 28), W.RotateLeft(W.Xor(e9, g4), 20), W.RotateLeft(W.Xor(e10, g0), 3), W.RotateLeft(W.Xor(e16, g1), 45), W.RotateLeft(W.Xor(e22, g2), 61),
                out a5, out a6, out a7, out a8, out a9);
            Row<T, W>(W.RotateLeft(W.Xor(e1, g1), 1), W.RotateLeft(W.Xor(e7, g2), 6), W.RotateLeft(W.Xor(e13, g3), 25), W.RotateLeft(W.Xor(e19, g4), 8), W.RotateLeft(W.Xor(e20, g0), 18),
                out a10, out a11, out a12, out a13, out a14);
            Row<T, W>(W.RotateLeft(W.Xor(e4, g4), 27), W.RotateLeft(W.Xor(e5, g0), 36), W.RotateLeft(W.Xor(e11, g1), 10), W.RotateLeft(W.Xor(e17, g2), 15), W.RotateLeft(W.Xor(e23, g3), 56),
                out a15, out a16, out a17, out a18, out a19);
            Row<T, W>(W.RotateLeft(W.Xor(e2, g2), 62), W.RotateLeft(W.Xor(e8, g3), 55), W.RotateLeft(W.Xor(e14, g4), 39), W.RotateLeft(W.Xor(e15, g0), 41), W.RotateLeft(W.Xor(e21, g1), 2),
                out a20, out a21, out a22, out a23, out a24);
            a0 = W.Xor(a0, W.Broadcast(constants[round + 1]));
        }

        Store(ref state, a0, a1, a2, a3, a4);
        Store(ref Unsafe.Add(ref state, 5), a5, a6, a7, a8, a9);
        Store(ref Unsafe.Add(ref state, 10), a10, a11, a12, a13, a14);
        Store(ref Unsafe.Add(ref state, 15), a15, a16, a17, a18, a19);
        Store(ref Unsafe.Add(ref state, 20), a20, a21, a22, a23, a24);
    }

    /// <summary>χ over one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<T, W>(T b0, T b1, T b2, T b3, T b4, out T e0, out T e1, out T e2, out T e3, out T e4)
        where T : unmanaged
        where W : IKeccakWord<T>
    {
        e0 = W.Chi(b0, b1, b2);
        e1 = W.Chi(b1, b2, b3);
        e2 = W.Chi(b2, b3, b4);
        e3 = W.Chi(b3, b4, b0);
        e4 = W.Chi(b4, b0, b1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<T>(ref T row, out T a0, out T a1, out T a2, out T a3, out T a4) => (a0, a1, a2, a3, a4) =
        (row, Unsafe.Add(ref row, 1), Unsafe.Add(ref row, 2), Unsafe.Add(ref row, 3), Unsafe.Add(ref row, 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(ref T row, T a0, T a1, T a2, T a3, T a4)
    {
        row = a0;
        Unsafe.Add(ref row, 1) = a1;
        Unsafe.Add(ref row, 2) = a2;
        Unsafe.Add(ref row, 3) = a3;
        Unsafe.Add(ref row, 4) = a4;
    }
}
