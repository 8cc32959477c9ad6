using System.Runtime.CompilerServices;
using static Kadath.Crypto.Limb;

namespace Kadath.Crypto;

/// <summary>p = 2^256 - 2^224 + 2^192 + 2^96 - 1, the field of P-256.</summary>
internal readonly struct P256Prime : IModulus5
{
    public static ulong M0 => Mask;

    public static ulong M1 => 0x3ffffffffff;

    public static ulong M2 => 0;

    public static ulong M3 => 0x40000000;

    public static ulong M4 => 0xffffffff00;

    public static ReadOnlySpan<ulong> R => [0x4000, 0x0, 0x3ffffffffffffc, 0x3fefffffffffff, 0x3fffff];

    public static ReadOnlySpan<ulong> RSquared => [0x30000000, 0x3fffc000000000, 0x3efffffffbffff, 0x3fffffffffffff, 0x4fffffffdf];

    public static ReadOnlySpan<byte> InvertingExponent =>
    [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd,
    ];

    /// <summary>-1/p is one modulo 2^54: the column itself is the multiple, and its product with p - (2^96 - 1) that which remains to be added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fold(ulong c0, ref ulong c1, ref ulong c2, ref ulong c3, ref ulong c4, ref ulong c5)
    {
        var m = c0 & Mask;
        var shifted = m << Shift;
        c1 += (c0 >> Bits) + ((m << 42) & Mask);
        c2 += m >> 12;
        c3 += (m << 30) & Mask;
        c4 += (m >> 24) + Low(shifted, M4 << Shift);
        c5 += High(shifted, M4 << Shift);
    }
}

/// <summary>n = 2^256 - 2^224 + 2^192 - …, the order of P-256.</summary>
internal readonly struct P256Order : IModulus5
{
    private const ulong NegatedInverse = 0x11c8aaee00bc4f;

    public static ulong M0 => 0x39cac2fc632551;

    public static ulong M1 => 0x2ab69c5e7a13ce;

    public static ulong M2 => 0x3ffffffffbce6f;

    public static ulong M3 => 0x3fffffff;

    public static ulong M4 => 0xffffffff00;

    public static ReadOnlySpan<ulong> R => [0xf40e736abc000, 0x18e8617b0c4635, 0x10c641549, 0x3ff00000000000, 0x3fffff];

    public static ReadOnlySpan<ulong> RSquared => [0x3644694887ac57, 0x28ab84c1e17805, 0x19619076a9ea8c, 0x59212a4adafb1, 0x55aba83afc];

    public static ReadOnlySpan<byte> InvertingExponent =>
    [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fold(ulong c0, ref ulong c1, ref ulong c2, ref ulong c3, ref ulong c4, ref ulong c5)
    {
        var m = ((c0 * NegatedInverse) & Mask) << Shift;
        c1 += ((c0 + Low(m, M0 << Shift)) >> Bits) + High(m, M0 << Shift) + Low(m, M1 << Shift);
        c2 += High(m, M1 << Shift) + Low(m, M2 << Shift);
        c3 += High(m, M2 << Shift) + Low(m, M3 << Shift);
        c4 += High(m, M3 << Shift) + Low(m, M4 << Shift);
        c5 += High(m, M4 << Shift);
    }
}
