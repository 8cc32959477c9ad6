namespace Kadath.Tls.Streams;

/// <summary>How a server takes connections. One record serves many streams.</summary>
public sealed record TlsServerAuthenticationOptions
{
    /// <summary>What the server shows: the first that the client can use, with a preference for one that has the name it asked for. The streams do not dispose of them.</summary>
    public IReadOnlyList<Credential> Credentials { get; init; } = [];

    /// <summary>Application protocols (ALPN), the preferred first. Empty: none is agreed on.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>Groups, suites and signatures, and the floor below which nothing is agreed on.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Default;

    /// <summary>Whether clients have to show who they are.</summary>
    public ClientAuthentication ClientAuthentication { get; init; }

    /// <summary>Whom the server trusts as clients. It must name somebody where <see cref="ClientAuthentication"/> asks for anybody: the platform's authorities vouch for web servers, not for clients.</summary>
    public TlsTrust ClientTrust { get; init; } = TlsTrust.Platform;

    /// <summary>What clients may show, the preferred first.</summary>
    public IReadOnlyList<CertificateType> ClientCertificateTypes { get; init; } = [CertificateType.X509];

    /// <summary>Gives tickets and takes them back; null: no session is resumed.</summary>
    public TlsTickets? Tickets { get; init; }

    /// <summary>Keys that clients were given too; at most 1024.</summary>
    public IReadOnlyList<ExternalPsk> Psks { get; init; } = [];

    /// <summary>The largest plaintext of a record that is taken, type included (RFC 8449): 64 to 16385 bytes; null for the protocol's own limit.</summary>
    public int? RecordSizeLimit { get; init; }

    /// <summary>When a handshake ends at the latest; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many handshakes may be pending at the same time.</summary>
    public HandshakeGate Gate { get; init; } = HandshakeGate.Shared;

    /// <summary>Where the connections' secrets are written; null: nowhere.</summary>
    public KeyLogFile? KeyLog { get; init; }

    /// <summary>Refuses what would trust by omission, or could serve nobody.</summary>
    /// <exception cref="ArgumentException">Client authentication without anybody to trust, or neither a credential nor a pre-shared key.</exception>
    public void Validate()
    {
        if (ClientAuthentication != ClientAuthentication.None && !ClientTrust.NamesSomebody)
        {
            throw new ArgumentException("Client authentication needs roots, pins or a verifier in ClientTrust.");
        }

        if (Credentials.Count == 0 && Psks.Count == 0)
        {
            throw new ArgumentException("A server needs a credential or a pre-shared key.");
        }
    }
}
