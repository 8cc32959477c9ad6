namespace Kadath.Tls;

/// <summary>A fact that leaves the machine when it has become true. Events read, they never steer.</summary>
public abstract record TlsEvent
{
    private TlsEvent()
    {
    }

    /// <summary>Version, suite and group are agreed on.</summary>
    /// <param name="Suite">The cipher suite.</param>
    /// <param name="Group">The group of the key exchange.</param>
    /// <param name="HelloRetried">Whether the server asked for another ClientHello.</param>
    public sealed record Negotiated(CipherSuite Suite, NamedGroup Group, bool HelloRetried) : TlsEvent;

    /// <summary>The client named a server (SNI); only on the server's side.</summary>
    /// <param name="ServerName">In lower case, as it came otherwise.</param>
    public sealed record ServerNamed(string ServerName) : TlsEvent;

    /// <summary>An application protocol was agreed on (ALPN).</summary>
    /// <param name="Protocol">Its registered name.</param>
    public sealed record ProtocolSelected(string Protocol) : TlsEvent;

    /// <summary>The peer has proven that it holds the key of its certificate, or resumed a session in which it did. Whether that key is trusted, the verification pause decides.</summary>
    /// <param name="Peer">Who it says it is.</param>
    /// <param name="Scheme">The scheme of its signature; in a resumed session that of the first handshake.</param>
    public sealed record PeerProven(PeerIdentity Peer, SignatureScheme Scheme) : TlsEvent;

    /// <summary>The peer's parameters for QUIC (RFC 9001 section 8.2), not authenticated before <see cref="HandshakeCompleted"/>.</summary>
    /// <param name="Parameters">The extension's contents.</param>
    public sealed record TransportParameters(ReadOnlyMemory<byte> Parameters) : TlsEvent;

    /// <summary>What became of early data (0-RTT) that the client offered.</summary>
    /// <param name="Accepted">False: the client sends it again once the handshake is done.</param>
    public sealed record EarlyDataDecided(bool Accepted) : TlsEvent;

    /// <summary>Both Finished messages have verified; application data flows both ways.</summary>
    /// <param name="Kind">How the peers came to their keys.</param>
    public sealed record HandshakeCompleted(HandshakeKind Kind) : TlsEvent;

    /// <summary>The server gave a ticket: a session to resume once.</summary>
    /// <param name="Session">Secret. Whoever takes the event owns the session and disposes of it.</param>
    public sealed record SessionReceived(ClientSession Session) : TlsEvent;

    /// <summary>Traffic keys of one direction were replaced (KeyUpdate).</summary>
    /// <param name="Direction">Which.</param>
    public sealed record KeysUpdated(TrafficDirection Direction) : TlsEvent;

    /// <summary>A traffic or exporter secret, in the form of a key log (SSLKEYLOGFILE). Emitted only where the options ask for it.</summary>
    /// <param name="Label">The key log's label, such as CLIENT_TRAFFIC_SECRET_0.</param>
    /// <param name="ClientRandom">The first ClientHello's random.</param>
    /// <param name="Secret">The secret. Whoever logs it gives the connection away.</param>
    public sealed record SecretLogged(string Label, ReadOnlyMemory<byte> ClientRandom, ReadOnlyMemory<byte> Secret) : TlsEvent;
}

/// <summary>How two peers came to their keys.</summary>
public enum HandshakeKind
{
    /// <summary>With certificates or raw keys.</summary>
    Full,

    /// <summary>From a ticket of an earlier session, with a fresh key exchange.</summary>
    Resumed,

    /// <summary>From a key that both were given beforehand, with a fresh key exchange.</summary>
    ExternalPsk,
}
