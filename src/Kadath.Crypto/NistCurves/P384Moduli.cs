using System.Runtime.CompilerServices;
using static Kadath.Crypto.Limb;

namespace Kadath.Crypto;

/// <summary>p = 2^384 - 2^128 - 2^96 + 2^32 - 1, the field of P-384.</summary>
internal readonly struct P384Prime : IModulus8
{
    public static ReadOnlySpan<ulong> Modulus => [0xffffffff, 0x3ffc0000000000, 0x3fffffffefffff, Mask, Mask, Mask, Mask, 0x3f];

    public static ReadOnlySpan<ulong> R => [0x1000000000000, 0x3ffffffc000000, 0xfffffffff, 0x4000, 0, 0, 0, 0];

    public static ReadOnlySpan<ulong> RSquared => [0, 0x40000000000, 0xfffffffe00000, 0x80000000, 0x3ffe0000000000, 0x800000003ffff, 0x10000000, 0];

    public static ReadOnlySpan<byte> InvertingExponent =>
    [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfd,
    ];

    /// <summary>-1/p is 2^32 + 1 modulo 2^54. The multiple is added as its five shifts: columns may fall below zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fold(ref ulong columns)
    {
        var m = (columns + (columns << 32)) & Mask;
        var c0 = columns - m + ((m << 32) & Mask);
        Unsafe.Add(ref columns, 1) += Excess(c0) + (m >> 22) - ((m << 42) & Mask);
        Unsafe.Add(ref columns, 2) -= (m >> 12) + ((m << 20) & Mask);
        Unsafe.Add(ref columns, 3) -= m >> 34;
        Unsafe.Add(ref columns, 7) += (m << 6) & Mask;
        Unsafe.Add(ref columns, 8) += m >> 48;
    }
}

/// <summary>The order of P-384.</summary>
internal readonly struct P384Order : IModulus8
{
    private const ulong NegatedInverse = 0x146089e88fdc45;

    public static ReadOnlySpan<ulong> Modulus => [0x2c196accc52973, 0x36c922c29debb3, 0x1f4372ddf581a0, 0x3ffffff1d8d360, Mask, Mask, Mask, 0x3f];

    public static ReadOnlySpan<ulong> R => [0xd000000000000, 0xc4f9a54cceb5a, 0x1f24db74f58851, 0x1f82f2348829f9, 0x389cb2, 0, 0, 0];

    public static ReadOnlySpan<ulong> RSquared =>
    [
        0x2f7abd883e5e32, 0x9641127071576, 0x33ffe90bfead8c, 0x25807e7aeffb52, 0x606de609f43cc, 0x1d2aac7316fc0c, 0x266895d40d491, 0xa,
    ];

    public static ReadOnlySpan<byte> InvertingExponent =>
    [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
        0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x71,
    ];

    public static void Fold(ref ulong columns)
    {
        var m = ((columns * NegatedInverse) & Mask) << Shift;
        var modulus = Modulus;
        Unsafe.Add(ref columns, 1) += Excess(columns + Low(m, modulus[0] << Shift)) + High(m, modulus[0] << Shift);
        for (var i = 1; i < modulus.Length; i++)
        {
            Unsafe.Add(ref columns, i) += Low(m, modulus[i] << Shift);
            Unsafe.Add(ref columns, i + 1) += High(m, modulus[i] << Shift);
        }
    }
}
