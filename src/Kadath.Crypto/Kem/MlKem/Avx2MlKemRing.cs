using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.Intrinsics.X86.Avx2;

namespace Kadath.Crypto;

/// <summary>The ring on vectors of sixteen coefficients: the transforms and products.</summary>
/// <remarks>
/// A Montgomery multiplication by a constant z takes z and z/q modulo 2^16: mulhi(a, z) - mulhi(mullo(a, z/q), q). It takes
/// any 16-bit number and leaves |c| ≤ 0.75 q for |z| ≤ q/2.
/// </remarks>
internal sealed partial class Avx2MlKemRing : MlKemRing
{
    private const int Vector = 16;

    // Layers whose butterflies span at least a vector take one ζ for all elements.
    private readonly short[] _zetas = Zetas();
    private readonly short[] _zetasOverQ;

    // The last three layers, per 32 coefficients: a vector for each distance 8, 4, 2; forwards and back.
    private readonly short[] _forward = new short[8 * 3 * Vector];
    private readonly short[] _forwardOverQ;
    private readonly short[] _inverse = new short[8 * 3 * Vector];
    private readonly short[] _inverseOverQ;

    // For products: one, ζ, one, -ζ.
    private readonly short[] _products = new short[N];
    private readonly short[] _productsOverQ;

    public Avx2MlKemRing()
    {
        for (var chunk = 0; chunk < 8; chunk++)
        {
            for (var i = 0; i < Vector; i++)
            {
                var at = (chunk * 3 * Vector) + i;
                for (var layer = 0; layer < 3; layer++)
                {
                    // Blocks of 16, 8, 4 coefficients; the inverse layer has the same ones from the other end of its range.
                    var blocks = 16 << layer;
                    var block = (chunk * (2 << layer)) + (i * (2 << layer) / Vector);
                    _forward[at + (layer * Vector)] = _zetas[blocks + block];
                    _inverse[at + (layer * Vector)] = _zetas[(2 * blocks) - 1 - block];
                }
            }
        }

        for (var i = 0; i < N; i += 4)
        {
            var zeta = _zetas[64 + (i / 4)];
            (_products[i], _products[i + 1], _products[i + 2], _products[i + 3]) = (MontgomeryOne, zeta, MontgomeryOne, (short)-zeta);
        }

        (_zetasOverQ, _forwardOverQ, _inverseOverQ, _productsOverQ) = (OverQ(_zetas), OverQ(_forward), OverQ(_inverse), OverQ(_products));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transform(Span<short> polynomial)
    {
        ref var p = ref Start(polynomial);
        for (var i = 0; i < 64; i += Vector)
        {
            var (a, b, c, d) = (Load(ref p, i), Load(ref p, i + 64), Load(ref p, i + 128), Load(ref p, i + 192));
            Butterfly(ref a, ref c, 1);
            Butterfly(ref b, ref d, 1);
            Butterfly(ref a, ref b, 2);
            Butterfly(ref c, ref d, 3);
            Store(a, ref p, i);
            Store(b, ref p, i + 64);
            Store(c, ref p, i + 128);
            Store(d, ref p, i + 192);
        }

        for (var block = 0; block < 4; block++)
        {
            var i = 64 * block;
            var (a, b, c, d) = (Load(ref p, i), Load(ref p, i + 16), Load(ref p, i + 32), Load(ref p, i + 48));
            Butterfly(ref a, ref c, 4 + block);
            Butterfly(ref b, ref d, 4 + block);
            Butterfly(ref a, ref b, 8 + (2 * block));
            Butterfly(ref c, ref d, 9 + (2 * block));
            TransformShort(ref a, ref b, 2 * block);
            TransformShort(ref c, ref d, (2 * block) + 1);
            Store(Barrett(a), ref p, i);
            Store(Barrett(b), ref p, i + 16);
            Store(Barrett(c), ref p, i + 32);
            Store(Barrett(d), ref p, i + 48);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void InverseTransform(Span<short> polynomial)
    {
        // From q/2 the sums grow to 8q in four layers, which 16 bits hold; reduced there, to 6q in the last three.
        ref var p = ref Start(polynomial);
        for (var block = 0; block < 4; block++)
        {
            var i = 64 * block;
            var (a, b, c, d) = (Load(ref p, i), Load(ref p, i + 16), Load(ref p, i + 32), Load(ref p, i + 48));
            InverseShort(ref a, ref b, 2 * block);
            InverseShort(ref c, ref d, (2 * block) + 1);
            InverseButterfly(ref a, ref b, 15 - (2 * block));
            InverseButterfly(ref c, ref d, 14 - (2 * block));
            (a, c) = (Barrett(a), Barrett(c));
            InverseButterfly(ref a, ref c, 7 - block);
            InverseButterfly(ref b, ref d, 7 - block);
            Store(a, ref p, i);
            Store(b, ref p, i + 16);
            Store(c, ref p, i + 32);
            Store(d, ref p, i + 48);
        }

        var (scale, scaleOverQ) = (Vector256.Create(InverseScale), Vector256.Create(unchecked((short)(InverseScale * QInverse))));
        for (var i = 0; i < 64; i += Vector)
        {
            var (a, b, c, d) = (Load(ref p, i), Load(ref p, i + 64), Load(ref p, i + 128), Load(ref p, i + 192));
            InverseButterfly(ref a, ref b, 3);
            InverseButterfly(ref c, ref d, 2);
            InverseButterfly(ref a, ref c, 1);
            InverseButterfly(ref b, ref d, 1);
            Store(Montgomery(a, scale, scaleOverQ), ref p, i);
            Store(Montgomery(b, scale, scaleOverQ), ref p, i + 64);
            Store(Montgomery(c, scale, scaleOverQ), ref p, i + 128);
            Store(Montgomery(d, scale, scaleOverQ), ref p, i + 192);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(ReadOnlySpan<short> left, int stride, ReadOnlySpan<short> right, int count, Span<short> product)
    {
        ref var a = ref Unsafe.AsRef(in MemoryMarshal.GetReference(left[..(((count - 1) * stride) + N)]));
        ref var b = ref Unsafe.AsRef(in MemoryMarshal.GetReference(right[..(count * N)]));
        ref var p = ref Start(product);
        var (q, qInverse) = (Vector256.Create((int)Q).AsInt16(), Vector256.Create((int)unchecked((ushort)QInverse)).AsInt16());
        for (var i = 0; i < N; i += Vector)
        {
            var (even, odd) = (Vector256<int>.Zero, Vector256<int>.Zero);
            var (scale, scaleOverQ) = (Load(_products, i), Load(_productsOverQ, i));
            for (var j = 0; j < count; j++)
            {
                // a0·b0 + a1·(ζ·b1) and a0·b1 + a1·b0 for each pair, without reductions between.
                var (x, y) = (Load(ref a, (j * stride) + i), Load(ref b, (j * N) + i));
                even += MultiplyAddAdjacent(x, Montgomery(y, scale, scaleOverQ));
                odd += MultiplyAddAdjacent(x, ((y.AsInt32() >>> 16) | (y.AsInt32() << 16)).AsInt16());
            }

            even -= MultiplyAddAdjacent(MultiplyLow(even.AsInt16(), qInverse), q);
            odd -= MultiplyAddAdjacent(MultiplyLow(odd.AsInt16(), qInverse), q);
            Store(Barrett(Blend((even >>> 16).AsInt16(), odd.AsInt16(), 0b10101010)), ref p, i);
        }
    }

    private static short[] OverQ(short[] factors) => [.. factors.Select(factor => (short)(factor * QInverse))];

    /// <summary>The layers of distances 8, 4 and 2 on 32 coefficients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TransformShort(ref Vector256<short> a, ref Vector256<short> b, int chunk)
    {
        var at = chunk * 3 * Vector;
        SplitHalves(ref a, ref b);
        Butterfly(ref a, ref b, Load(_forward, at), Load(_forwardOverQ, at));
        SplitQuarters(ref a, ref b);
        Butterfly(ref a, ref b, Load(_forward, at + Vector), Load(_forwardOverQ, at + Vector));
        SplitPairs(ref a, ref b);
        Butterfly(ref a, ref b, Load(_forward, at + (2 * Vector)), Load(_forwardOverQ, at + (2 * Vector)));
        SplitPairs(ref a, ref b);
        SplitQuarters(ref a, ref b);
        SplitHalves(ref a, ref b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void InverseShort(ref Vector256<short> a, ref Vector256<short> b, int chunk)
    {
        var at = chunk * 3 * Vector;
        SplitHalves(ref a, ref b);
        SplitQuarters(ref a, ref b);
        SplitPairs(ref a, ref b);
        InverseButterfly(ref a, ref b, Load(_inverse, at + (2 * Vector)), Load(_inverseOverQ, at + (2 * Vector)));
        SplitPairs(ref a, ref b);
        InverseButterfly(ref a, ref b, Load(_inverse, at + Vector), Load(_inverseOverQ, at + Vector));
        SplitQuarters(ref a, ref b);
        InverseButterfly(ref a, ref b, Load(_inverse, at), Load(_inverseOverQ, at));
        SplitHalves(ref a, ref b);
    }

    // Each of these undoes itself: lower parts of both vectors to the first, upper ones to the second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitHalves(ref Vector256<short> a, ref Vector256<short> b) =>
        (a, b) = (Permute2x128(a, b, 0x20), Permute2x128(a, b, 0x31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitQuarters(ref Vector256<short> a, ref Vector256<short> b) =>
        (a, b) = (UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16(), UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitPairs(ref Vector256<short> a, ref Vector256<short> b) => (a, b) = (
        Avx2.Blend(a.AsInt32(), (b.AsInt64() << 32).AsInt32(), 0b10101010).AsInt16(),
        Avx2.Blend((a.AsInt64() >>> 32).AsInt32(), b.AsInt32(), 0b10101010).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Butterfly(ref Vector256<short> a, ref Vector256<short> b, int zeta) =>
        Butterfly(ref a, ref b, Vector256.Create(_zetas[zeta]), Vector256.Create(_zetasOverQ[zeta]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterfly(ref Vector256<short> a, ref Vector256<short> b, Vector256<short> zeta, Vector256<short> zetaOverQ)
    {
        var t = Montgomery(b, zeta, zetaOverQ);
        (a, b) = (a + t, a - t);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void InverseButterfly(ref Vector256<short> a, ref Vector256<short> b, int zeta) =>
        InverseButterfly(ref a, ref b, Vector256.Create(_zetas[zeta]), Vector256.Create(_zetasOverQ[zeta]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseButterfly(ref Vector256<short> a, ref Vector256<short> b, Vector256<short> zeta, Vector256<short> zetaOverQ) =>
        (a, b) = (a + b, Montgomery(b - a, zeta, zetaOverQ));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Montgomery(Vector256<short> value, Vector256<short> factor, Vector256<short> factorOverQ) =>
        MultiplyHigh(value, factor) - MultiplyHigh(MultiplyLow(value, factorOverQ), Vector256.Create(Q));

    /// <summary>The representative closest to zero of any 16-bit number, or the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Barrett(Vector256<short> value)
    {
        // 20159 = ⌊2^26/q⌉; the rounding of the high half's shift by ten.
        var t = (MultiplyHigh(value, Vector256.Create((short)20159)) + Vector256.Create((short)512)) >> 10;
        return value - MultiplyLow(t, Vector256.Create(Q));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref short Start(Span<short> polynomial) => ref MemoryMarshal.GetReference(polynomial[..N]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Load(ref short start, int index) => Vector256.LoadUnsafe(ref start, (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Load(short[] table, int index) => Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(table), (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> value, ref short start, int index) => value.StoreUnsafe(ref start, (nuint)index);
}
