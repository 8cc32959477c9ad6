using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>A number below L = 2^252 + 27742317777372353535851937790883648493, the order of the generator, in four words.</summary>
/// <remarks>
/// Products are reduced by Montgomery's method with R = 2^256. Carries are computed from the words, never by a comparison,
/// so that no tier of the compiler turns one into a jump: constant-time except where a summary says "public".
/// </remarks>
internal readonly struct Scalar
{
    public const int EncodedLength = 32;

    private const ulong Order0 = 0x5812631a5cf5d3ed, Order1 = 0x14def9dea2f79cd6, Order2 = 0, Order3 = 0x1000000000000000;

    /// <summary>-1/L modulo 2^64.</summary>
    private const ulong NegatedInverse = 0xd2b51da312547e1b;

    public readonly ulong W0, W1, W2, W3;

    public Scalar(ulong w0, ulong w1, ulong w2, ulong w3)
    {
        W0 = w0;
        W1 = w1;
        W2 = w2;
        W3 = w3;
    }

    private static Scalar One => new(1, 0, 0, 0);

    /// <summary>R^2 modulo L.</summary>
    private static Scalar R2 => new(0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x0399411b7c309a3d);

    /// <summary>R^3 modulo L.</summary>
    private static Scalar R3 => new(0x2a9e49687b83a2db, 0x278324e6aef7f3ec, 0x8065dc6c04ec5b65, 0x0e530b773599cec7);

    /// <summary>Reads 32 bytes, little-endian, without reducing: the value may be any number below 2^256.</summary>
    public static Scalar ReadUnreduced(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    /// <summary>Reads 32 bytes, little-endian, modulo L.</summary>
    public static Scalar Reduce(ReadOnlySpan<byte> bytes) =>
        MontgomeryMultiply(MontgomeryMultiply(ReadUnreduced(bytes), R2), One);

    /// <summary>Reads 64 bytes, little-endian, modulo L.</summary>
    public static Scalar ReduceWide(ReadOnlySpan<byte> bytes)
    {
        var low = MontgomeryMultiply(ReadUnreduced(bytes), R2);
        var high = MontgomeryMultiply(ReadUnreduced(bytes[32..]), R3);
        return MontgomeryMultiply(Add(low, high), One);
    }

    /// <summary>Reads 32 bytes, little-endian, which must be a number below L (RFC 8032 section 5.1.7). Public.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Scalar scalar)
    {
        scalar = ReadUnreduced(bytes);
        if (scalar.W3 != Order3)
        {
            return scalar.W3 < Order3;
        }

        if (scalar.W2 != Order2)
        {
            return false;
        }

        return scalar.W1 != Order1 ? scalar.W1 < Order1 : scalar.W0 < Order0;
    }

    /// <summary>a·b + c for a below 2^256, b and c below L.</summary>
    public static Scalar MultiplyAdd(in Scalar a, in Scalar b, in Scalar c) =>
        Add(MontgomeryMultiply(MontgomeryMultiply(a, b), R2), c);

    public bool IsZero() => (W0 | W1 | W2 | W3) == 0;

    public void Encode(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, W0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], W1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], W2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], W3);
    }

    /// <summary>Writes the scalar as 64 digits of -8 to 8 in radix 16, lowest first.</summary>
    public void ToSignedRadix16(Span<sbyte> digits)
    {
        Span<ulong> words = [W0, W1, W2, W3];
        var carry = 0;
        for (var i = 0; i < 64; i++)
        {
            var digit = (int)((words[i >> 4] >> (4 * (i & 15))) & 15) + carry;
            carry = (digit + 8) >> 4;
            digits[i] = (sbyte)(digit - (carry << 4));
        }

        words.Clear();
    }

    /// <summary>Writes the scalar in non-adjacent form of the given width, in 256 digits. Public.</summary>
    public void ToNonAdjacentForm(Span<sbyte> digits, int width) => NonAdjacentForm.Write([W0, W1, W2, W3, 0], digits, width);

    /// <summary>a + b for a and b below L.</summary>
    private static Scalar Add(in Scalar a, in Scalar b)
    {
        var carry = 0UL;
        var w0 = AddCarry(a.W0, b.W0, ref carry);
        var w1 = AddCarry(a.W1, b.W1, ref carry);
        var w2 = AddCarry(a.W2, b.W2, ref carry);
        var w3 = AddCarry(a.W3, b.W3, ref carry);
        return SubtractOrder(w0, w1, w2, w3);
    }

    /// <summary>a·b/R for a below 2^256 and b below L.</summary>
    private static Scalar MontgomeryMultiply(in Scalar a, in Scalar b)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        MontgomeryStep(a.W0, b, ref t0, ref t1, ref t2, ref t3, ref t4);
        MontgomeryStep(a.W1, b, ref t0, ref t1, ref t2, ref t3, ref t4);
        MontgomeryStep(a.W2, b, ref t0, ref t1, ref t2, ref t3, ref t4);
        MontgomeryStep(a.W3, b, ref t0, ref t1, ref t2, ref t3, ref t4);

        // Below (R·L + R·L)/R = 2L: t4 is zero.
        return SubtractOrder(t0, t1, t2, t3);
    }

    /// <summary>t = (t + digit·b + m·L) / 2^64 with the m that makes the division exact.</summary>
    private static void MontgomeryStep(ulong digit, in Scalar b, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
    {
        var carry = 0UL;
        t0 = MultiplyAccumulate(t0, digit, b.W0, ref carry);
        t1 = MultiplyAccumulate(t1, digit, b.W1, ref carry);
        t2 = MultiplyAccumulate(t2, digit, b.W2, ref carry);
        t3 = MultiplyAccumulate(t3, digit, b.W3, ref carry);
        t4 += carry;

        var m = t0 * NegatedInverse;
        carry = 0;
        MultiplyAccumulate(t0, m, Order0, ref carry);
        t0 = MultiplyAccumulate(t1, m, Order1, ref carry);
        t1 = MultiplyAccumulate(t2, m, Order2, ref carry);
        t2 = MultiplyAccumulate(t3, m, Order3, ref carry);
        var overflow = 0UL;
        t3 = AddCarry(t4, carry, ref overflow);
        t4 = overflow;
    }

    /// <summary>w - L if that is not negative, else w, for w below 2L.</summary>
    private static Scalar SubtractOrder(ulong w0, ulong w1, ulong w2, ulong w3)
    {
        var borrow = 0UL;
        var d0 = SubtractBorrow(w0, Order0, ref borrow);
        var d1 = SubtractBorrow(w1, Order1, ref borrow);
        var d2 = SubtractBorrow(w2, Order2, ref borrow);
        var d3 = SubtractBorrow(w3, Order3, ref borrow);
        var keep = 0 - borrow;
        return new(
            d0 ^ (keep & (d0 ^ w0)),
            d1 ^ (keep & (d1 ^ w1)),
            d2 ^ (keep & (d2 ^ w2)),
            d3 ^ (keep & (d3 ^ w3)));
    }

    /// <summary>The low word of t + x·y + carry, the high word of which becomes the carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAccumulate(ulong t, ulong x, ulong y, ref ulong carry)
    {
        var high = Math.BigMul(x, y, out var low);
        ulong first = 0, second = 0;
        low = AddCarry(low, t, ref first);
        low = AddCarry(low, carry, ref second);
        carry = high + first + second;
        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddCarry(ulong a, ulong b, ref ulong carry)
    {
        var sum = a + b + carry;
        carry = ((a & b) | ((a | b) & ~sum)) >> 63;
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractBorrow(ulong a, ulong b, ref ulong borrow)
    {
        var difference = a - b - borrow;
        borrow = ((~a & b) | ((~a | b) & difference)) >> 63;
        return difference;
    }
}
