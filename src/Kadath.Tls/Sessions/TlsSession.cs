using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>What client and server of a session keep of it. Erased by <see cref="Dispose"/>.</summary>
public abstract class TlsSession : IDisposable
{
    /// <summary>The longest that a ticket may live (RFC 9846 section 4.6.1): seven days.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    private protected TlsSession(ReadOnlySpan<byte> psk) => Psk = new(psk);

    /// <summary>The suite of the session; a resumed one has the same hash, and for early data the same suite.</summary>
    public required CipherSuite Suite { get; init; }

    /// <summary>The name that the client asked for (SNI), in lower case.</summary>
    public string? ServerName { get; init; }

    /// <summary>The application protocol.</summary>
    public string? ApplicationProtocol { get; init; }

    /// <summary>Who the peer was; null if it was not asked.</summary>
    public PeerIdentity? Peer { get; init; }

    /// <summary>The scheme of the peer's signature, where there is a <see cref="Peer"/>.</summary>
    public SignatureScheme PeerScheme { get; init; }

    /// <summary>When the ticket was issued, or came.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>How long it may be used from then on.</summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>Random, added to the age that a client tells (RFC 9846 section 4.2.11.1).</summary>
    public required uint AgeAdd { get; init; }

    /// <summary>Bytes of early data that the ticket allows; 0: none.</summary>
    public uint MaxEarlyData { get; init; }

    /// <summary>What the caller trusted when the session began: any value of its own. A session is resumed only under the same one.</summary>
    public string TrustTag { get; init; } = "";

    internal SecretBytes Psk { get; }

    /// <summary>Whether it is over.</summary>
    public bool IsExpired(Instant now) => now < IssuedAt || now - IssuedAt >= Lifetime || Psk.IsErased;

    /// <summary>Erases the secret.</summary>
    public void Dispose()
    {
        Psk.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A client's session: its ticket is shown to the server once.</summary>
public sealed class ClientSession : TlsSession
{
    internal ClientSession(ReadOnlySpan<byte> psk, ReadOnlyMemory<byte> ticket)
        : base(psk) => Ticket = ticket;

    /// <summary>What the server gave. Whoever sees it on the wire can link the connections; it is secret only in that it is worth using once.</summary>
    public ReadOnlyMemory<byte> Ticket { get; }
}

/// <summary>A server's session, as it is kept in a cache or sealed into a ticket.</summary>
public sealed class ServerSession : TlsSession
{
    internal ServerSession(ReadOnlySpan<byte> psk)
        : base(psk)
    {
    }

    /// <summary>How the client had to show who it is.</summary>
    public ClientAuthentication ClientAuthentication { get; init; }

    /// <summary>Whether early data is refused this time, whatever the ticket allowed.</summary>
    internal bool RefusesEarlyData { get; set; }
}
