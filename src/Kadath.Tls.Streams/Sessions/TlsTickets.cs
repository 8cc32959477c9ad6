using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Tls.Streams;

/// <summary>How a server's tickets work.</summary>
public enum TicketMode
{
    /// <summary>A ticket is a random name for a session that the server keeps, and is good for one use. The only mode with early data.</summary>
    Stateful,

    /// <summary>A ticket holds its session, sealed under keys that live in memory and change; the server keeps nothing.</summary>
    Sealed,
}

/// <summary>A server's tickets for resumption. One object serves all streams of a server; without one no session is resumed.</summary>
public sealed class TlsTickets : IDisposable
{
    private const int HandleBytes = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, (UInt128 Proof, ServerSession Session)> _sessions = [];
    private readonly Queue<UInt128> _order = new();
    private readonly int _capacity;

    /// <summary>Tickets of a mode.</summary>
    /// <param name="mode">How they work.</param>
    /// <param name="capacity">Sessions that are kept; the oldest goes first. Some 500 bytes each, and the client's certificates.</param>
    public TlsTickets(TicketMode mode = TicketMode.Stateful, int capacity = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (Mode, _capacity) = (mode, capacity);
    }

    /// <summary>How they work.</summary>
    public TicketMode Mode { get; }

    /// <summary>How long a ticket may be used: at most seven days, by default one.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Bytes of early data that are taken with a ticket; 0, the default: none. An attacker can replay early data.</summary>
    public uint MaxEarlyData { get; init; }

    /// <summary>Sessions that are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>Erases all sessions: their tickets are good for nothing any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach ((_, ServerSession session) in _sessions.Values)
            {
                session.Dispose();
            }

            _sessions.Clear();
            _order.Clear();
        }
    }

    /// <summary>Sends a ticket for the connection that was just made.</summary>
    internal void Issue(ServerHandshake server, Instant now)
    {
        ServerSession session = server.CreateSession(Lifetime, out byte nonce, allowEarlyData: MaxEarlyData > 0);
        Span<byte> handle = stackalloc byte[HandleBytes];
        KeyEntropy.OperatingSystem.Fill(handle);
        server.SendTicket(session, nonce, handle);
        lock (_lock)
        {
            if (_order.Count >= _capacity && _order.TryDequeue(out UInt128 oldest) && _sessions.Remove(oldest, out var gone))
            {
                gone.Session.Dispose();
            }

            (UInt128 name, UInt128 proof) = Split(handle);
            _sessions[name] = (proof, session);
            _order.Enqueue(name);
        }
    }

    /// <summary>Takes the session of a ticket out, whose handshake owns it from then on; null if there is none.</summary>
    internal ServerSession? TryTake(ReadOnlySpan<byte> ticket, Instant now)
    {
        if (ticket.Length != HandleBytes)
        {
            return null;
        }

        (UInt128 name, UInt128 proof) = Split(ticket);
        lock (_lock)
        {
            if (!_sessions.TryGetValue(name, out var found) || found.Proof != proof)
            {
                return null;
            }

            _sessions.Remove(name);
            if (!found.Session.IsExpired(now))
            {
                return found.Session;
            }

            found.Session.Dispose();
            return null;
        }
    }

    private static (UInt128 Name, UInt128 Proof) Split(ReadOnlySpan<byte> handle) =>
        (System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(handle), System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(handle[16..]));
}
