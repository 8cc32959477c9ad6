namespace Kadath.Crypto;

/// <summary>ECDSA over a NIST curve with the hash of equal strength (FIPS 186-5 section 6) in C#; nonces of RFC 6979, hedged.</summary>
public sealed class ManagedEcdsa : NistEcdsa
{
    /// <summary>Takes the curve.</summary>
    public ManagedEcdsa(NistCurve curve)
        : base(curve)
    {
    }

    /// <inheritdoc/>
    public override string Fill => Fills.Managed;

    private protected override bool VerifyCore(ReadOnlySpan<byte> point, ReadOnlySpan<byte> message, ReadOnlySpan<byte> numbers, ReadOnlySpan<byte> der)
    {
        Span<byte> digest = stackalloc byte[Curve.ScalarBytes];
        Curve.ManagedHash.Hash(message, digest);
        return Curve.Arithmetic.Verify(point[1..], digest, numbers);
    }

    private protected override SignaturePrivateKey Make(byte[] scalar) => new PrivateKey(Curve, scalar);

    private sealed class PrivateKey(NistCurve curve, byte[] scalar)
        : SignaturePrivateKey(curve.PublicKeyOf(scalar), EcdsaSignature.MaxDerBytes(curve.ScalarBytes))
    {
        private protected override int SignCore(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature)
        {
            Span<byte> digest = stackalloc byte[curve.ScalarBytes], nonce = stackalloc byte[curve.ScalarBytes], numbers = stackalloc byte[2 * curve.ScalarBytes];
            Span<byte> fresh = stackalloc byte[EcdsaNonce.HedgeBytes];
            hedge.Fill(fresh);
            curve.ManagedHash.Hash(message, digest);
            using var nonces = new EcdsaNonce(stackalloc byte[2 * curve.ScalarBytes], curve, scalar, digest, fresh);
            do
            {
                nonces.Next(nonce);
            }
            while (!curve.Arithmetic.TrySign(scalar, nonce, digest, numbers));

            Erase.Span(nonce);
            Erase.Span(fresh);
            return EcdsaSignature.WriteDer(numbers, signature);
        }

        private protected override void EraseKey() => Erase.Span<byte>(scalar);
    }
}
