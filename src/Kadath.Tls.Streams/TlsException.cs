namespace Kadath.Tls.Streams;

/// <summary>Who ended a connection.</summary>
public enum TlsFailure
{
    /// <summary>We refused: the peer broke the protocol, offered nothing acceptable, or is not trusted.</summary>
    RefusedByUs,

    /// <summary>The peer refused, and said so with an alert.</summary>
    RefusedByPeer,

    /// <summary>The transport broke or ended before the handshake was complete.</summary>
    Network,

    /// <summary>The transport ended without close_notify: what was read may be cut off (RFC 9846 section 6.1).</summary>
    Truncated,

    /// <summary>The handshake did not end in time.</summary>
    Deadline,

    /// <summary>Too many handshakes were pending already.</summary>
    Busy,
}

/// <summary>A TLS connection that failed. Nothing follows it: the stream can only be disposed of.</summary>
public sealed class TlsException : IOException
{
    internal TlsException(TlsFailure failure, AlertDescription? alert, string reason, Exception? inner = null)
        : base(Describe(failure, alert, reason), inner)
    {
        (Failure, Alert, Reason) = (failure, alert, reason);
    }

    /// <summary>Who ended it.</summary>
    public TlsFailure Failure { get; }

    /// <summary>The alert that was sent or that came; null without one.</summary>
    public AlertDescription? Alert { get; }

    /// <summary>What happened, in words that hold nothing of the peer's.</summary>
    public string Reason { get; }

    internal static TlsException Of(TlsFault fault) =>
        new(fault.Blame == TlsBlame.RefusedByPeer ? TlsFailure.RefusedByPeer : TlsFailure.RefusedByUs, fault.Alert, fault.Reason);

    internal static TlsException Truncated() => new(TlsFailure.Truncated, null, "the peer's stream ended without close_notify");

    private static string Describe(TlsFailure failure, AlertDescription? alert, string reason) => alert is { } told
        ? $"TLS: {reason} ({(failure == TlsFailure.RefusedByPeer ? "the peer's alert" : "our alert")}: {told})"
        : $"TLS: {reason}";
}
