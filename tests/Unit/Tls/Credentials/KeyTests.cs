using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Crypto;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls.Credentials;

public sealed class KeyTests
{
    private static readonly CryptoProvider Crypto = CryptoProvider.Default;
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Theory]
    [InlineData(PublicKeyKind.P256)]
    [InlineData(PublicKeyKind.P384)]
    [InlineData(PublicKeyKind.Ed25519)]
    public void A_key_signs_what_its_public_key_verifies(PublicKeyKind kind)
    {
        SeededKeyEntropy entropy = new(1);
        using SigningKey key = SigningKeys.Generate(kind, Crypto, entropy);
        byte[] signature = new byte[SigningKey.MaxSignatureLength];
        int length = key.Sign(key.Schemes[0], "message"u8, entropy, signature);
        Assert.True(SubjectPublicKeyInfo.TryParse(key.PublicKeyInfo.Span, out SubjectPublicKeyInfo info));
        Assert.Equal(kind, info.Kind);
        Assert.True(SignatureVerifier.Verify(key.Schemes[0], info, "message"u8, signature.AsSpan(0, length), Crypto));
        Assert.False(SignatureVerifier.Verify(key.Schemes[0], info, "massage"u8, signature.AsSpan(0, length), Crypto));
        Assert.False(SignatureVerifier.Verify(SignatureScheme.RsaPssRsaeSha256, info, "message"u8, signature.AsSpan(0, length), Crypto));
        Assert.Throws<ArgumentException>(() => key.Sign(SignatureScheme.RsaPssRsaeSha256, [], entropy, signature));
    }

    [Fact]
    public void RSA_PSS_of_the_platform_is_verified()
    {
        using RSA rsa = RSA.Create(2048);
        Assert.True(SubjectPublicKeyInfo.TryParse(rsa.ExportSubjectPublicKeyInfo(), out SubjectPublicKeyInfo info));
        byte[] signature = rsa.SignData("message"u8.ToArray(), HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        Assert.True(SignatureVerifier.Verify(SignatureScheme.RsaPssRsaeSha384, info, "message"u8, signature, Crypto));
        Assert.False(SignatureVerifier.Verify(SignatureScheme.RsaPssRsaeSha256, info, "message"u8, signature, Crypto));
        Assert.False(SignatureVerifier.Verify(SignatureScheme.RsaPssRsaeSha384, info, "message"u8, signature.AsSpan(1), Crypto));
        byte[] pkcs1 = rsa.SignData("message"u8.ToArray(), HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        Assert.False(SignatureVerifier.Verify(SignatureScheme.RsaPssRsaeSha384, info, "message"u8, pkcs1, Crypto));
    }

    [Fact]
    public void Short_RSA_keys_compressed_points_and_explicit_curves_are_refused()
    {
        using RSA rsa = RSA.Create(1024);
        Assert.False(SubjectPublicKeyInfo.TryParse(rsa.ExportSubjectPublicKeyInfo(), out _));

        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] named = ecdsa.ExportSubjectPublicKeyInfo();
        Assert.True(SubjectPublicKeyInfo.TryParse(named, out SubjectPublicKeyInfo info));
        Assert.Equal(named, SubjectPublicKeyInfo.Encode(PublicKeyKind.P256, info.Key));
        byte[] compressed = [2, .. info.Key[1..33]];
        byte[] encoded = new DerWriter().Begin(DerTag.Sequence).Begin(DerTag.Sequence).ObjectIdentifier(ObjectIdentifiers.EcPublicKey).ObjectIdentifier(ObjectIdentifiers.Secp256r1).End()
            .BitString(compressed).End().ToArray();
        Assert.False(SubjectPublicKeyInfo.TryParse(encoded, out _));

        using ECDsa explicitCurve = ECDsa.Create(ecdsa.ExportExplicitParameters(includePrivateParameters: false));
        Assert.False(SubjectPublicKeyInfo.TryParse(explicitCurve.ExportSubjectPublicKeyInfo(), out _));
        Assert.Throws<ArgumentException>(() => SubjectPublicKeyInfo.Encode(PublicKeyKind.Ed25519, new byte[31]));
    }

    [Theory]
    [InlineData(PublicKeyKind.MlDsa44, 1312)]
    [InlineData(PublicKeyKind.MlDsa65, 1952)]
    [InlineData(PublicKeyKind.MlDsa87, 2592)]
    public void Keys_of_ML_DSA_have_their_length(PublicKeyKind kind, int length)
    {
        Assert.True(SubjectPublicKeyInfo.TryParse(SubjectPublicKeyInfo.Encode(kind, new byte[length]), out SubjectPublicKeyInfo info));
        Assert.Equal(kind, info.Kind);
        Assert.Throws<ArgumentException>(() => SubjectPublicKeyInfo.Encode(kind, new byte[length - 1]));
    }

    [Theory]
    [InlineData(PublicKeyKind.P256)]
    [InlineData(PublicKeyKind.P384)]
    [InlineData(PublicKeyKind.Ed25519)]
    public void The_platform_takes_our_self_signed_certificates(PublicKeyKind kind)
    {
        SeededKeyEntropy entropy = new(2);
        using SigningKey key = SigningKeys.Generate(kind, Crypto, entropy);
        byte[] made = CertificateMaker.SelfSigned(key, ["localhost", "127.0.0.1", "::1"], (Now.AddHours(-1), Now.AddDays(30)), entropy);
        Assert.True(CertificateView.TryParse(made, out CertificateView view));
        Assert.True(CertificateSignatures.IsSelfSigned(view, Crypto));
        Assert.False(view.IsAuthority);
        Assert.True(view.MayAuthenticate(server: true) && view.MayAuthenticate(server: false));
        Assert.True(HostNames.Matches(view, "localhost") && HostNames.Matches(view, "127.0.0.1") && HostNames.Matches(view, "[::1]"));
        Assert.True(view.IsValidAt(Now) && !view.IsValidAt(Now.AddDays(31)) && !view.IsValidAt(Now.AddDays(-1)));

        using X509Certificate2 platform = X509CertificateLoader.LoadCertificate(made);
        Assert.Equal("CN=localhost", platform.Subject);
        using X509Chain chain = new() { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = Now.UtcDateTime } };
        chain.ChainPolicy.CustomTrustStore.Add(platform);
        Assert.True(chain.Build(platform), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));

        using Credential credential = Credential.Certificates(key, made);
        Assert.False(credential.IsRawPublicKey);
        using SigningKey other = SigningKeys.Generate(kind, Crypto, entropy);
        Assert.Throws<ArgumentException>(() => Credential.Certificates(other, made));
    }

    [Fact]
    public void Private_keys_of_files_are_taken()
    {
        using ECDsa p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using RSA rsa = RSA.Create(2048);
        foreach (byte[] der in new[] { p256.ExportPkcs8PrivateKey(), p256.ExportECPrivateKey() })
        {
            using SigningKey? key = SigningKeys.ImportDer(der, Crypto);
            Assert.Equal(p256.ExportSubjectPublicKeyInfo(), key?.PublicKeyInfo.ToArray());
        }

        using SigningKey? wide = SigningKeys.ImportDer(p384.ExportPkcs8PrivateKey(), Crypto);
        Assert.Equal(p384.ExportSubjectPublicKeyInfo(), wide?.PublicKeyInfo.ToArray());
        Assert.Null(SigningKeys.ImportDer(rsa.ExportPkcs8PrivateKey(), Crypto));

        // RFC 8410 section 10.3.
        using SigningKey? edwards = SigningKeys.ImportDer(Convert.FromBase64String("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"), Crypto);
        Assert.Equal("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=", Convert.ToBase64String(edwards!.PublicKeyInfo.Span));
    }

    [Fact]
    public void A_pin_names_a_key_whatever_carries_it()
    {
        using SigningKey key = SigningKeys.Generate(PublicKeyKind.P256, Crypto, new SeededKeyEntropy(3));
        Assert.True(SubjectPublicKeyInfo.TryParse(key.PublicKeyInfo.Span, out SubjectPublicKeyInfo info));
        SpkiPin pin = info.Pin(Crypto.Sha256);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.PublicKeyInfo.Span)), pin.ToString());
        Assert.True(SpkiPin.TryParse(pin.ToString().ToUpperInvariant(), out SpkiPin parsed));
        Assert.Equal(pin, parsed);
        Assert.True(SpkiPin.TryParse(string.Join(':', Convert.ToHexString(SHA256.HashData(key.PublicKeyInfo.Span)).Chunk(2).Select(pair => new string(pair))), out parsed));
        Assert.Equal(pin, parsed);
        Assert.False(SpkiPin.TryParse(pin.ToString().AsSpan(1), out _));
        Assert.False(SpkiPin.TryParse(pin + "00", out _));
        Assert.False(SpkiPin.TryParse(new string('g', 64), out _));
    }
}
