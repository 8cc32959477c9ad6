namespace Kadath.Tls;

/// <summary>Under which keys bytes of the handshake travel (RFC 9001 section 4.1.4).</summary>
public enum EncryptionLevel
{
    /// <summary>None; in QUIC the keys of Initial packets.</summary>
    Initial,

    /// <summary>The keys of early data (0-RTT).</summary>
    EarlyData,

    /// <summary>The handshake's keys.</summary>
    Handshake,

    /// <summary>The application's keys (1-RTT).</summary>
    Application,
}

/// <summary>Whose bytes a traffic secret protects, seen from this endpoint.</summary>
public enum TrafficDirection
{
    /// <summary>What we send.</summary>
    Send,

    /// <summary>What we receive.</summary>
    Receive,
}

/// <summary>What carries the handshake.</summary>
public enum TlsTransport
{
    /// <summary>TLS records over a stream (RFC 9846 section 5).</summary>
    Records,

    /// <summary>
    /// CRYPTO frames of QUIC (RFC 9001): no records, no session id, no EndOfEarlyData, no KeyUpdate; transport parameters travel as an
    /// extension, and a peer without them is refused.
    /// </summary>
    Quic,
}

/// <summary>
/// Where a handshake writes: bytes of the handshake with their level, secrets with level and direction, alerts, facts. The record layer is one
/// consumer, QUIC another. Implementations only enqueue or copy; they never call the handshake back.
/// </summary>
public interface ITlsSink
{
    /// <summary>Whole handshake messages to send under the keys of a level, in order. The span is valid during the call.</summary>
    void Message(EncryptionLevel level, ReadOnlySpan<byte> messages);

    /// <summary>
    /// A traffic secret: keys made from it protect what follows in its direction. A second secret of <see cref="EncryptionLevel.Application"/>
    /// in the same direction replaces the first (KeyUpdate; never in QUIC). The span is valid during the call; a consumer that keeps a copy erases it.
    /// </summary>
    void Secret(EncryptionLevel level, TrafficDirection direction, CipherSuite suite, ReadOnlySpan<byte> secret);

    /// <summary>The handshake failed: this alert goes to the peer (in QUIC as an error of 0x0100 and the alert), and nothing after it.</summary>
    void Alert(AlertDescription alert);

    /// <summary>A fact that a caller may want to know.</summary>
    void Event(TlsEvent fact);
}
