namespace Kadath.Crypto;

/// <summary>The arithmetic of one NIST curve, behind a face without type parameters. Numbers are big-endian, of the curve's length; points are x, then y.</summary>
internal abstract class NistArithmetic
{
    /// <summary>Whether coordinates below p satisfy the curve's equation. Public.</summary>
    public abstract bool Contains(ReadOnlySpan<byte> point);

    /// <summary>scalar · G for a scalar from 1 to n - 1. Constant-time.</summary>
    public abstract void MultiplyGenerator(ReadOnlySpan<byte> scalar, Span<byte> point);

    /// <summary>The x-coordinate of scalar · P, for a scalar from 1 to n - 1 and a point of the curve. Constant-time.</summary>
    public abstract void Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> x);

    /// <summary>r and s for a nonce from 1 to n - 1 (FIPS 186-5 section 6.4.1); false if one of them is zero, upon which another nonce is due. Constant-time.</summary>
    public abstract bool TrySign(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> digest, Span<byte> signature);

    /// <summary>Whether r and s, both from 1 to n - 1, are a signature of a digest under a point of the curve (FIPS 186-5 section 6.4.2). Public.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> point, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature);

    /// <summary>A number of the curve's length modulo n. Constant-time.</summary>
    public abstract void ReduceModuloOrder(ReadOnlySpan<byte> number, Span<byte> reduced);
}
