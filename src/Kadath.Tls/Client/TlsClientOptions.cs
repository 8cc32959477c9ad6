using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>What a client offers.</summary>
public sealed record TlsClientOptions
{
    /// <summary>The primitives.</summary>
    public CryptoProvider Crypto { get; init; } = CryptoProvider.Default;

    /// <summary>Where keys and randoms come from.</summary>
    public KeyEntropy Entropy { get; init; } = KeyEntropy.OperatingSystem;

    /// <summary>What is offered and accepted.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Default;

    /// <summary>The name of the server, sent as SNI and given to the verification pause; a DNS name in ASCII, at most 255 bytes. Null or an IP address: no SNI is sent.</summary>
    public string? ServerName { get; init; }

    /// <summary>Application protocols (ALPN), the preferred first, each 1 to 255 ASCII characters. Empty: the extension is not sent.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>What the server may show, the preferred first.</summary>
    public IReadOnlyList<CertificateType> ServerCertificateTypes { get; init; } = [CertificateType.X509];

    /// <summary>What this client could show if asked, the preferred first.</summary>
    public IReadOnlyList<CertificateType> ClientCertificateTypes { get; init; } = [CertificateType.X509];

    /// <summary>A session to resume; used once. The machine does not dispose of it. Ignored if expired, or if its <see cref="TlsSession.ServerName"/> or <see cref="TlsSession.TrustTag"/> is another.</summary>
    public ClientSession? Session { get; init; }

    /// <summary>What the caller trusts, as a name of its own choice; see <see cref="TlsSession.TrustTag"/>.</summary>
    public string TrustTag { get; init; } = "";

    /// <summary>A key that the server was given too. With one a server need not show who it is otherwise: whoever has the key is trusted.</summary>
    public ExternalPsk? Psk { get; init; }

    /// <summary>Whether data may be sent in the first flight if the session allows it: an attacker can replay it, and it has no forward secrecy.</summary>
    public bool OfferEarlyData { get; init; }

    /// <summary>What the record layer or QUIC adds.</summary>
    public TlsTransportOptions Transport { get; init; } = TlsTransportOptions.Records;

    internal void Validate()
    {
        Policy.Validate();
        Transport.Validate();
        Policy.RequireNoPsk(Psk is not null);
        Psk?.RequireRole(PskRole.Client);
        OptionRules.RequireProtocols(ApplicationProtocols);
        OptionRules.RequireTypes(ServerCertificateTypes);
        OptionRules.RequireTypes(ClientCertificateTypes);
        if (ServerName is { } name && (name.Length is 0 or > 255 || !name.All(char.IsAscii)))
        {
            throw new ArgumentException("A server's name has 1 to 255 ASCII characters.");
        }
    }
}
