using Kadath.Crypto;

namespace Kadath.Bench.Beside;

/// <summary>Key agreement and signatures in every fill.</summary>
internal static class CurveRows
{
    public static IEnumerable<BesideRow> All()
    {
        foreach (var (curve, name) in ((NistCurve, string)[])[(NistCurve.P256, "P256"), (NistCurve.P384, "P384")])
        {
            foreach (var function in Functions(curve))
            {
                yield return Shared($"ECDH {name} shared (wire)", function);
                yield return Fresh($"ECDH {name} keygen", function);
            }

            foreach (var scheme in Schemes(curve))
            {
                yield return Sign($"ECDSA-{name} sign 128 B", scheme);
                yield return Verify($"ECDSA-{name} verify 128 B (wire)", scheme);
            }
        }

        yield return Shared("X25519 shared", new ManagedX25519());
        yield return Fresh("X25519 keygen", new ManagedX25519());
        yield return Sign("Ed25519 sign 128 B", new ManagedEd25519());
        yield return Verify("Ed25519 verify 128 B (wire)", new ManagedEd25519());
        yield return new("Ed25519 keygen", Fills.Managed, () => new ManagedEd25519().Generate(KeyEntropy.OperatingSystem).Dispose());
    }

    private static IEnumerable<IKeyAgreement> Functions(NistCurve curve)
    {
        yield return new ManagedEcdh(curve);
        yield return new BclEcdh(curve);
        if (LibcryptoEcdh.IsSupported)
        {
            yield return new LibcryptoEcdh(curve);
        }
    }

    private static IEnumerable<ISignatureScheme> Schemes(NistCurve curve)
    {
        yield return new ManagedEcdsa(curve);
        yield return new BclEcdsa(curve);
        if (LibcryptoEcdh.IsSupported)
        {
            yield return new LibcryptoEcdsa(curve, curve == NistCurve.P256 ? CryptoProvider.Default.Sha256 : CryptoProvider.Default.Sha384);
        }
    }

    private static BesideRow Shared(string operation, IKeyAgreement function)
    {
        var key = function.Generate(KeyEntropy.OperatingSystem);
        using var peer = function.Generate(KeyEntropy.OperatingSystem);
        byte[] publicKey = new byte[function.PublicKeyBytes], secret = new byte[function.SecretBytes];
        peer.CopyPublicKey(publicKey);
        return new(operation, function.Fill, () => key.TryAgree(publicKey, secret));
    }

    private static BesideRow Fresh(string operation, IKeyAgreement function) =>
        new(operation, function.Fill, () => function.Generate(KeyEntropy.OperatingSystem).Dispose());

    private static BesideRow Sign(string operation, ISignatureScheme scheme)
    {
        var key = scheme.Generate(KeyEntropy.OperatingSystem);
        byte[] message = new byte[128], signature = new byte[scheme.MaxSignatureBytes];
        return new(operation, scheme.Fill, () => key.Sign(message, KeyEntropy.OperatingSystem, signature));
    }

    private static BesideRow Verify(string operation, ISignatureScheme scheme)
    {
        using var key = scheme.Generate(KeyEntropy.OperatingSystem);
        byte[] message = new byte[128], signature = new byte[scheme.MaxSignatureBytes], publicKey = key.PublicKey.ToArray();
        var length = key.Sign(message, KeyEntropy.OperatingSystem, signature);
        return new(operation, scheme.Fill, () => scheme.Verify(publicKey, message, signature.AsSpan(0, length)));
    }
}
