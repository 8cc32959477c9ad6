namespace Kadath.Tls.Streams;

/// <summary>What two peers agreed on. It does not change during the connection.</summary>
public sealed record TlsConnectionInfo
{
    /// <summary>The cipher suite.</summary>
    public required CipherSuite Suite { get; init; }

    /// <summary>The group of the key exchange.</summary>
    public required NamedGroup Group { get; init; }

    /// <summary>How the peers came to their keys.</summary>
    public required HandshakeKind Kind { get; init; }

    /// <summary>Whether the server asked for another ClientHello.</summary>
    public required bool HelloRetried { get; init; }

    /// <summary>The application protocol (ALPN); null without one.</summary>
    public required string? ApplicationProtocol { get; init; }

    /// <summary>The name that the client asked for (SNI); null without one.</summary>
    public required string? ServerName { get; init; }

    /// <summary>What the peer showed about itself; null for a client that was not asked, or that has nothing but a pre-shared key.</summary>
    public required PeerIdentity? Peer { get; init; }

    /// <summary>Why the peer was let in.</summary>
    public required PeerState PeerState { get; init; }

    /// <summary>The scheme of the peer's signature, in a resumed session of the first handshake's; null without one.</summary>
    public required SignatureScheme? PeerScheme { get; init; }

    /// <summary>The scheme of our signature; null without one.</summary>
    public required SignatureScheme? OwnScheme { get; init; }

    /// <summary>Whether early data was accepted; null if none was offered.</summary>
    public required bool? EarlyDataAccepted { get; init; }
}
