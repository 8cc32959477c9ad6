using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kadath.Crypto;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls.Credentials;

/// <summary>Certificates of another maker (the class library) and of our own.</summary>
public sealed class CertificateViewTests
{
    private static readonly DateTimeOffset From = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2056, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_certificate_of_another_maker_is_read_whole()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=host.example", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("host.example");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        names.AddEmailAddress("a@host.example");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement | X509KeyUsageFlags.DecipherOnly, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.3")], false));
        using X509Certificate2 made = request.CreateSelfSigned(From, Until);

        Assert.True(CertificateView.TryParse(made.RawData, out CertificateView view));
        Assert.Equal(made.RawData, view.Encoded.ToArray());
        Assert.Equal(From, view.NotBefore);
        Assert.Equal(Until, view.NotAfter);
        Assert.Equal(made.SubjectName.RawData, view.Subject.ToArray());
        Assert.True(view.IsSelfIssued);
        Assert.False(view.IsAuthority);
        Assert.Equal(KeyUsages.DigitalSignature | KeyUsages.KeyAgreement | KeyUsages.DecipherOnly, view.KeyUsage);
        Assert.Equal(ExtendedKeyUsages.Server | ExtendedKeyUsages.Other, view.ExtendedKeyUsage);
        Assert.True(view.MayAuthenticate(server: true));
        Assert.False(view.MayAuthenticate(server: false));
        Assert.False(view.HasUnknownCriticalExtension);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), view.PublicKeyInfo.ToArray());
        Assert.Equal(["Dns host.example", "Address 7f000001", "Address 00000000000000000000000000000001", "Other a@host.example"], NamesOf(view));
        Assert.True(CertificateSignatures.IsSelfSigned(view, CryptoProvider.Default));
    }

    [Fact]
    public void An_authority_and_an_unknown_critical_extension_are_named()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 3, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509Extension("1.2.3.4", [5, 0], critical: true));
        using X509Certificate2 made = request.CreateSelfSigned(From, Until);

        Assert.True(CertificateView.TryParse(made.RawData, out CertificateView view));
        Assert.True(view.IsAuthority);
        Assert.True(view.HasUnknownCriticalExtension);
        Assert.False(view.MayAuthenticate(server: true));
        Assert.Null(view.ExtendedKeyUsage);
        Assert.True(SubjectPublicKeyInfo.TryParse(view.PublicKeyInfo, out SubjectPublicKeyInfo info));
        Assert.Equal(PublicKeyKind.Rsa, info.Kind);
        Assert.Equal(key.ExportRSAPublicKey(), info.Key.ToArray());
        Assert.True(CertificateSignatures.IsSelfSigned(view, CryptoProvider.Default));
    }

    [Fact]
    public void Cut_anywhere_it_is_no_certificate()
    {
        byte[] made = Sample();
        Assert.True(CertificateView.TryParse(made, out _));
        for (int length = 0; length < made.Length; length++)
        {
            Assert.False(CertificateView.TryParse(made.AsSpan(0, length), out _));
        }

        Assert.False(CertificateView.TryParse([.. made, 0], out _));
    }

    [Fact]
    public void An_extension_may_come_once()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=twice", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.53594.1.1", [4, 1, 0], critical: false));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.53594.1.2", [4, 1, 0], critical: false));
        using X509Certificate2 made = request.CreateSelfSigned(From, Until);
        Assert.True(CertificateView.TryParse(made.RawData, out CertificateView view));
        Assert.Equal([4, 1, 0], view.LibP2pExtension.ToArray());
        byte[] doubled = made.RawData;
        int second = doubled.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x83, 0xa2, 0x5a, 0x01, 0x02]);
        doubled[second + 4] = 1;
        Assert.False(CertificateView.TryParse(doubled, out _));
    }

    [Fact]
    public void The_algorithm_outside_is_the_one_inside()
    {
        byte[] made = Sample();
        int outside = made.AsSpan().LastIndexOf(ObjectIdentifiers.EcdsaWithSha256);
        made[outside + ObjectIdentifiers.EcdsaWithSha256.Length - 1] = 3;
        Assert.False(CertificateView.TryParse(made, out _));
    }

    [Fact]
    public void A_changed_bit_breaks_the_signature_or_the_form()
    {
        byte[] made = Sample();
        for (int i = 4; i < made.Length; i += 7)
        {
            byte[] changed = [.. made];
            changed[i] ^= 0x10;
            Assert.False(CertificateView.TryParse(changed, out CertificateView view) && CertificateSignatures.IsSelfSigned(view, CryptoProvider.Default), $"byte {i}");
        }
    }

    private static byte[] Sample()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=sample", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using X509Certificate2 made = request.CreateSelfSigned(From, Until);
        return made.RawData;
    }

    private static List<string> NamesOf(in CertificateView view)
    {
        List<string> found = [];
        SubjectNames names = view.Names;
        while (names.TryNext(out SubjectNameKind kind, out ReadOnlySpan<byte> name))
        {
            found.Add($"{kind} {(kind == SubjectNameKind.Address ? Convert.ToHexStringLower(name) : Encoding.ASCII.GetString(name))}");
        }

        return found;
    }
}
