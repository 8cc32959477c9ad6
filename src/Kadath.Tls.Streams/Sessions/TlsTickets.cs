using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Tls.Streams;

/// <summary>How a server's tickets work.</summary>
public enum TicketMode
{
    /// <summary>A ticket is a random name for a session that the server keeps, and is good for one use. The only mode with early data.</summary>
    Stateful,

    /// <summary>A ticket holds its session, sealed under keys that live in memory and change every twelve hours; the server keeps nothing.</summary>
    Sealed,
}

/// <summary>A server's tickets for resumption. One object serves all streams of a server; without one no session is resumed.</summary>
public sealed class TlsTickets : IDisposable
{
    // Sessions and keys that are over are erased within this time even if nobody connects.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly ITicketStore _store;
    private readonly Timer _sweep;

    /// <summary>Tickets of a mode.</summary>
    /// <param name="mode">How they work.</param>
    /// <param name="capacity">Stateful: sessions that are kept; the oldest goes first, or with early data allowed, none and there is no ticket. Some 500 bytes each, and the client's certificates.</param>
    public TlsTickets(TicketMode mode = TicketMode.Stateful, int capacity = 4096)
    {
        Mode = mode;
        _store = mode == TicketMode.Sealed ? new SealedTickets(CryptoProvider.Default, KeyEntropy.OperatingSystem) : new StatefulTickets(KeyEntropy.OperatingSystem, capacity);
        _sweep = new Timer(static tickets => ((TlsTickets)tickets!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    /// <summary>How they work.</summary>
    public TicketMode Mode { get; }

    /// <summary>How long a ticket may be used: a second to seven days, by default one day.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Bytes of early data that are taken with a stateful ticket; 0, the default: none. An attacker can replay early data.</summary>
    public uint MaxEarlyData { get; init; }

    /// <summary>Sessions that are kept now; 0 where none are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _store is StatefulTickets stateful ? stateful.Count : 0;
            }
        }
    }

    /// <summary>Erases all sessions and keys: their tickets are good for nothing any more.</summary>
    public void Dispose()
    {
        _sweep.Dispose();
        lock (_lock)
        {
            _store.Dispose();
        }
    }

    /// <summary>Early data that a server takes: with tickets that are gone after their first use, and with no others.</summary>
    internal uint EarlyDataLimit => _store.AreTicketsSingleUse ? MaxEarlyData : 0;

    /// <summary>Sends a ticket for the connection that was just made.</summary>
    internal void Issue(ServerHandshake server, Instant now)
    {
        ServerSession session = server.CreateSession(Lifetime, out byte nonce, allowEarlyData: EarlyDataLimit > 0);
        byte[]? ticket;
        lock (_lock)
        {
            ticket = _store.Issue(session, now);
        }

        if (ticket is not null)
        {
            server.SendTicket(session, nonce, ticket);
        }
    }

    /// <summary>The session of a ticket, owned by the handshake from then on; null if there is none.</summary>
    internal ServerSession? Find(ReadOnlySpan<byte> ticket, Instant now)
    {
        lock (_lock)
        {
            return _store.Find(ticket, now);
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            _store.Wake(TlsStream.Now);
        }
    }
}
