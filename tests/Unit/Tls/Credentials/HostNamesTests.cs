using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls.Credentials;

/// <summary>RFC 9525 sections 6.3 and 6.5.</summary>
public sealed class HostNamesTests
{
    [Theory]
    [InlineData("host.example", "host.example", true)]
    [InlineData("Host.EXAMPLE", "hOST.example", true)]
    [InlineData("host.example", "host.example.", true)]
    [InlineData("host.example", "a.host.example", false)]
    [InlineData("host.example", "example", false)]
    [InlineData("*.host.example", "a.host.example", true)]
    [InlineData("*.host.example", "A.Host.Example", true)]
    [InlineData("*.host.example", "a.b.host.example", false)]
    [InlineData("*.host.example", "host.example", false)]
    [InlineData("*.host.example", ".host.example", false)]
    [InlineData("*.example", "host.example", false)] // one label below the wildcard
    [InlineData("a*.host.example", "ab.host.example", false)] // a part of a label
    [InlineData("a.*.example", "a.host.example", false)] // not the left-most label
    [InlineData("*", "host", false)]
    [InlineData("127.0.0.1", "127.0.0.1", false)] // an address is no DNS name
    [InlineData("localhost", "localhost", true)]
    public void DNS_names_are_compared_label_by_label(string inCertificate, string dialled, bool match)
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(inCertificate);
        Assert.Equal(match, Matches(names, dialled));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("127.0.0.1", "127.1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "[::1]", true)]
    [InlineData("::1", "0:0:0:0:0:0:0:1", true)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1", false)]
    public void Addresses_are_compared_as_addresses(string inCertificate, string dialled, bool match)
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(System.Net.IPAddress.Parse(inCertificate));
        Assert.Equal(match, Matches(names, dialled));
    }

    [Fact]
    public void The_common_name_does_not_count() => Assert.False(Matches(null, "host.example"));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("bücher.example")]
    [InlineData("a b")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.example")]
    public void What_cannot_be_a_name_matches_nothing(string dialled)
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("*.a.example");
        Assert.False(Matches(names, dialled));
        Assert.False(HostNames.IsDnsName(dialled));
    }

    private static bool Matches(SubjectAlternativeNameBuilder? names, string dialled)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=host.example", key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
        Assert.True(CertificateView.TryParse(made.RawData, out CertificateView view));
        return HostNames.Matches(view, dialled);
    }
}
