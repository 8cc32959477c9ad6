namespace Kadath.Tls;

/// <summary>Who is to blame for the end of a connection.</summary>
public enum TlsBlame
{
    /// <summary>The peer broke the protocol, or offered nothing acceptable; we sent the alert.</summary>
    Peer,

    /// <summary>The caller refused: a verification that it answered with no, a credential that it did not have.</summary>
    Caller,

    /// <summary>Our own fault or limit.</summary>
    Us,

    /// <summary>The peer ended the connection with an alert of its own.</summary>
    RefusedByPeer,
}

/// <summary>Why a connection failed. There is one per connection, and nothing follows it.</summary>
/// <param name="Blame">Who is to blame.</param>
/// <param name="Alert">The alert that was sent, or that came if <paramref name="Blame"/> is <see cref="TlsBlame.RefusedByPeer"/>.</param>
/// <param name="Reason">What happened, for a log: a constant text without any of the peer's bytes.</param>
public sealed record TlsFault(TlsBlame Blame, AlertDescription Alert, string Reason);
