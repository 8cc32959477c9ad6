namespace Kadath.Tls.Streams;

/// <summary>How a client connects. The defaults are safe: the platform's authorities, the name that was dialled, a post-quantum key exchange preferred.</summary>
public sealed record TlsClientAuthenticationOptions
{
    /// <summary>The name or address of the server: what its certificate has to be for. A DNS name is also sent (SNI), an address never.</summary>
    public required string TargetHost { get; init; }

    /// <summary>Whom the client trusts; by default the platform's authorities.</summary>
    public TlsTrust Trust { get; init; } = TlsTrust.Platform;

    /// <summary>Application protocols that are offered (ALPN), the preferred first; none by default.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>Groups, suites and signatures, and the floor below which nothing is agreed on.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Default;

    /// <summary>What the server may show, the preferred first. A raw public key (RFC 7250) needs a pin or a verifier in <see cref="Trust"/>.</summary>
    public IReadOnlyList<CertificateType> ServerCertificateTypes { get; init; } = [CertificateType.X509];

    /// <summary>What the client shows if it is asked, the preferred first; the streams do not dispose of them.</summary>
    public IReadOnlyList<Credential> Credentials { get; init; } = [];

    /// <summary>Where sessions are kept for resumption; null: none is kept and none resumed.</summary>
    public TlsSessionCache? Sessions { get; init; }

    /// <summary>A key that the server was given too; null for none.</summary>
    public ExternalPsk? Psk { get; init; }

    /// <summary>
    /// Data for the first flight, sent if a kept session allows it. An attacker can replay it to the server, and it has no forward secrecy.
    /// It is sent again after the handshake if the server did not take it. Empty for none.
    /// </summary>
    public ReadOnlyMemory<byte> EarlyData { get; init; }

    /// <summary>The largest plaintext of a record that is taken, type included (RFC 8449): 64 to 16385 bytes; null for the protocol's own limit.</summary>
    public int? RecordSizeLimit { get; init; }

    /// <summary>When the handshake ends at the latest; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where the connection's secrets are written; null: nowhere.</summary>
    public KeyLogFile? KeyLog { get; init; }
}
