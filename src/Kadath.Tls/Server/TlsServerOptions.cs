using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>How clients have to show who they are.</summary>
public enum ClientAuthentication
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>They are asked and may refuse; whoever shows something is verified.</summary>
    Request,

    /// <summary>Without, there is no connection.</summary>
    Require,
}

/// <summary>What a server accepts.</summary>
public sealed record TlsServerOptions
{
    /// <summary>The primitives.</summary>
    public CryptoProvider Crypto { get; init; } = CryptoProvider.Default;

    /// <summary>Where keys and randoms come from.</summary>
    public KeyEntropy Entropy { get; init; } = KeyEntropy.OperatingSystem;

    /// <summary>What is accepted.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Default;

    /// <summary>Application protocols (ALPN), the preferred first. Empty: none is agreed on, whatever clients offer; else a client that offers none of them is refused, one that offers no protocol at all is not.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>What this server could show, the preferred first.</summary>
    public IReadOnlyList<CertificateType> ServerCertificateTypes { get; init; } = [CertificateType.X509];

    /// <summary>What clients may show, the preferred first.</summary>
    public IReadOnlyList<CertificateType> ClientCertificateTypes { get; init; } = [CertificateType.X509];

    /// <summary>How clients have to show who they are.</summary>
    public ClientAuthentication ClientAuthentication { get; init; }

    /// <summary>Whether sessions are resumed, and the pause <see cref="SessionNeeded"/> raised.</summary>
    public bool TakeSessions { get; init; }

    /// <summary>What the caller trusts, as a name of its own choice; see <see cref="TlsSession.TrustTag"/>.</summary>
    public string TrustTag { get; init; } = "";

    /// <summary>Keys that clients were given too; at most 1024. A client that has one need not show who it is otherwise.</summary>
    public IReadOnlyList<ExternalPsk> Psks { get; init; } = [];

    /// <summary>Bytes of early data (0-RTT) that are taken; 0, the default: none. An attacker can replay early data to every server that knows the ticket.</summary>
    public uint MaxEarlyData { get; init; }

    /// <summary>What the record layer or QUIC adds.</summary>
    public TlsTransportOptions Transport { get; init; } = TlsTransportOptions.Records;

    internal void Validate()
    {
        Policy.Validate();
        Policy.RequireNoPsk(Psks.Count > 0);
        Transport.Validate();
        OptionRules.RequireProtocols(ApplicationProtocols);
        OptionRules.RequireTypes(ServerCertificateTypes);
        OptionRules.RequireTypes(ClientCertificateTypes);
        foreach (var psk in Psks)
        {
            psk.RequireRole(PskRole.Server);
        }

        if (Psks.Count > 1024)
        {
            throw new ArgumentException("At most 1024 keys.");
        }
    }
}
