using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>The ring on vectors of eight coefficients.</summary>
internal sealed class Avx2MlDsaRing : MlDsaRing
{
    private const int Vector = 8;

    // Layers whose butterflies span at least a vector take one ζ for all elements.
    private readonly int[] _zetas = Zetas();
    private readonly int[] _zetasOverQ;

    // The last three layers, per 16 coefficients: a vector for each distance 4, 2, 1; forwards and back.
    private readonly int[] _forward = new int[16 * 3 * Vector];
    private readonly int[] _forwardOverQ;
    private readonly int[] _inverse = new int[16 * 3 * Vector];
    private readonly int[] _inverseOverQ;

    public Avx2MlDsaRing()
    {
        for (var chunk = 0; chunk < 16; chunk++)
        {
            for (var i = 0; i < Vector; i++)
            {
                var at = (chunk * 3 * Vector) + i;
                for (var layer = 0; layer < 3; layer++)
                {
                    // Blocks of 8, 4, 2 coefficients; the inverse layer has the same ones from the other end of its range.
                    var blocks = 32 << layer;
                    var block = (chunk * (2 << layer)) + (i * (2 << layer) / Vector);
                    _forward[at + (layer * Vector)] = _zetas[blocks + block];
                    _inverse[at + (layer * Vector)] = _zetas[(2 * blocks) - 1 - block];
                }
            }
        }

        (_zetasOverQ, _forwardOverQ, _inverseOverQ) = (OverQ(_zetas), OverQ(_forward), OverQ(_inverse));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transform(Span<int> polynomial)
    {
        ref var p = ref Start(polynomial);
        TransformPair(ref p, 128, 1);
        for (var block = 0; block < 4; block++)
        {
            TransformPair(ref Unsafe.Add(ref p, 64 * block), 32, 4 + block);
        }

        for (var chunk = 0; chunk < 16; chunk++)
        {
            var at = chunk * 3 * Vector;
            var (a, b) = (Load(ref p, 16 * chunk), Load(ref p, (16 * chunk) + Vector));
            Butterfly(ref a, ref b, 16 + chunk);
            SplitHalves(ref a, ref b);
            Butterfly(ref a, ref b, Load(_forward, at), Load(_forwardOverQ, at));
            SplitQuarters(ref a, ref b);
            Butterfly(ref a, ref b, Load(_forward, at + Vector), Load(_forwardOverQ, at + Vector));
            SplitPairs(ref a, ref b);
            Butterfly(ref a, ref b, Load(_forward, at + (2 * Vector)), Load(_forwardOverQ, at + (2 * Vector)));
            SplitPairs(ref a, ref b);
            SplitQuarters(ref a, ref b);
            SplitHalves(ref a, ref b);
            Store(a, ref p, 16 * chunk);
            Store(b, ref p, (16 * chunk) + Vector);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void InverseTransform(Span<int> polynomial)
    {
        ref var p = ref Start(polynomial);
        for (var chunk = 0; chunk < 16; chunk++)
        {
            var at = chunk * 3 * Vector;
            var (a, b) = (Load(ref p, 16 * chunk), Load(ref p, (16 * chunk) + Vector));
            SplitHalves(ref a, ref b);
            SplitQuarters(ref a, ref b);
            SplitPairs(ref a, ref b);
            InverseButterfly(ref a, ref b, Load(_inverse, at + (2 * Vector)), Load(_inverseOverQ, at + (2 * Vector)));
            SplitPairs(ref a, ref b);
            InverseButterfly(ref a, ref b, Load(_inverse, at + Vector), Load(_inverseOverQ, at + Vector));
            SplitQuarters(ref a, ref b);
            InverseButterfly(ref a, ref b, Load(_inverse, at), Load(_inverseOverQ, at));
            SplitHalves(ref a, ref b);
            InverseButterfly(ref a, ref b, 31 - chunk);
            Store(a, ref p, 16 * chunk);
            Store(b, ref p, (16 * chunk) + Vector);
        }

        for (var block = 0; block < 4; block++)
        {
            InversePair(ref Unsafe.Add(ref p, 64 * block), 32, 7 - block);
        }

        InversePair(ref p, 128, 1);
        var (scale, scaleOverQ) = (Vector256.Create(InverseScale), Vector256.Create(unchecked(InverseScale * QInverse)));
        for (var i = 0; i < N; i += Vector)
        {
            Store(Montgomery(Load(ref p, i), scale, scaleOverQ), ref p, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(ReadOnlySpan<int> left, ReadOnlySpan<int> right, int count, Span<int> product)
    {
        ref var a = ref Unsafe.AsRef(in MemoryMarshal.GetReference(left[..(count * N)]));
        ref var b = ref Unsafe.AsRef(in MemoryMarshal.GetReference(right[..(count * N)]));
        ref var p = ref Start(product);
        for (var i = 0; i < N; i += Vector)
        {
            var (even, odd) = (Vector256<long>.Zero, Vector256<long>.Zero);
            for (var j = 0; j < count; j++)
            {
                var (x, y) = (Load(ref a, (j * N) + i), Load(ref b, (j * N) + i));
                even += Avx2.Multiply(x, y);
                odd += Avx2.Multiply(Odd(x), Odd(y));
            }

            Store(Join(even - Fold(even.AsInt32()), odd - Fold(odd.AsInt32())), ref p, i);
        }
    }

    private static int[] OverQ(int[] factors) => [.. factors.Select(factor => unchecked(factor * QInverse))];

    /// <summary>Two layers: distances <paramref name="length"/> and half of it, in one block of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TransformPair(ref int p, int length, int zeta)
    {
        var half = length / 2;
        for (var i = 0; i < half; i += Vector)
        {
            var (a, b, c, d) = (Load(ref p, i), Load(ref p, i + half), Load(ref p, i + length), Load(ref p, i + length + half));
            Butterfly(ref a, ref c, zeta);
            Butterfly(ref b, ref d, zeta);
            Butterfly(ref a, ref b, 2 * zeta);
            Butterfly(ref c, ref d, (2 * zeta) + 1);
            Store(a, ref p, i);
            Store(b, ref p, i + half);
            Store(c, ref p, i + length);
            Store(d, ref p, i + length + half);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void InversePair(ref int p, int length, int zeta)
    {
        var half = length / 2;
        for (var i = 0; i < half; i += Vector)
        {
            var (a, b, c, d) = (Load(ref p, i), Load(ref p, i + half), Load(ref p, i + length), Load(ref p, i + length + half));
            InverseButterfly(ref a, ref b, (2 * zeta) + 1);
            InverseButterfly(ref c, ref d, 2 * zeta);
            InverseButterfly(ref a, ref c, zeta);
            InverseButterfly(ref b, ref d, zeta);
            Store(a, ref p, i);
            Store(b, ref p, i + half);
            Store(c, ref p, i + length);
            Store(d, ref p, i + length + half);
        }
    }

    // Each of these undoes itself: lower parts of both vectors to the first, upper ones to the second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitHalves(ref Vector256<int> a, ref Vector256<int> b) =>
        (a, b) = (Avx2.Permute2x128(a, b, 0x20), Avx2.Permute2x128(a, b, 0x31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitQuarters(ref Vector256<int> a, ref Vector256<int> b) =>
        (a, b) = (Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt32(), Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitPairs(ref Vector256<int> a, ref Vector256<int> b) => (a, b) = (
        Avx2.Blend(a, (b.AsInt64() << 32).AsInt32(), 0b10101010),
        Avx2.Blend((a.AsInt64() >>> 32).AsInt32(), b, 0b10101010));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Butterfly(ref Vector256<int> a, ref Vector256<int> b, int zeta) =>
        Butterfly(ref a, ref b, Vector256.Create(_zetas[zeta]), Vector256.Create(_zetasOverQ[zeta]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterfly(ref Vector256<int> a, ref Vector256<int> b, Vector256<int> zeta, Vector256<int> zetaOverQ)
    {
        var t = Montgomery(b, zeta, zetaOverQ);
        (a, b) = (a + t, a - t);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void InverseButterfly(ref Vector256<int> a, ref Vector256<int> b, int zeta) =>
        InverseButterfly(ref a, ref b, Vector256.Create(_zetas[zeta]), Vector256.Create(_zetasOverQ[zeta]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseButterfly(ref Vector256<int> a, ref Vector256<int> b, Vector256<int> zeta, Vector256<int> zetaOverQ) =>
        (a, b) = (a + b, Montgomery(b - a, zeta, zetaOverQ));

    /// <summary>A Montgomery multiplication by a constant and by that constant over q: even and odd elements apart, for the products are twice as long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Montgomery(Vector256<int> value, Vector256<int> factor, Vector256<int> factorOverQ)
    {
        var q = Vector256.Create(Q);
        var (oddValue, oddFactor, oddFactorOverQ) = (Odd(value), Odd(factor), Odd(factorOverQ));
        var even = Avx2.Multiply(value, factor) - Avx2.Multiply(Avx2.Multiply(value, factorOverQ).AsInt32(), q);
        var odd = Avx2.Multiply(oddValue, oddFactor) - Avx2.Multiply(Avx2.Multiply(oddValue, oddFactorOverQ).AsInt32(), q);
        return Join(even, odd);
    }

    /// <summary>The multiple of q with the same low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Fold(Vector256<int> value) =>
        Avx2.Multiply(Avx2.Multiply(value, Vector256.Create(QInverse)).AsInt32(), Vector256.Create(Q));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Odd(Vector256<int> value) => (value.AsInt64() >>> 32).AsInt32();

    /// <summary>The high halves of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Join(Vector256<long> even, Vector256<long> odd) => Avx2.Blend((even >>> 32).AsInt32(), odd.AsInt32(), 0b10101010);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref int Start(Span<int> polynomial) => ref MemoryMarshal.GetReference(polynomial[..N]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Load(ref int start, int index) => Vector256.LoadUnsafe(ref start, (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Load(int[] table, int index) => Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(table), (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> value, ref int start, int index) => value.StoreUnsafe(ref start, (nuint)index);
}
