using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>Tickets that are random handles into a bounded cache; a session leaves it at its first use.</summary>
/// <remarks>
/// In a full cache the oldest session makes room, but never one that allows early data: then no ticket is issued, and early data that is offered
/// while the cache is full is refused (RFC 9846 section 8.1), the session itself being resumed. So nobody can push out what others were promised.
/// </remarks>
public sealed class StatefulTickets : ITicketStore
{
    /// <summary>Bytes of a handle: nobody guesses one.</summary>
    public const int HandleBytes = 32;

    private readonly KeyEntropy _entropy;
    private readonly int _capacity;
    private readonly Dictionary<string, LinkedListNode<Entry>> _byHandle = [];
    private readonly LinkedList<Entry> _byAge = [];

    private sealed record Entry(string Handle, ServerSession Session);

    /// <summary>An empty cache.</summary>
    /// <param name="entropy">Where handles come from.</param>
    /// <param name="capacity">Sessions at most, 1 to 1,048,576; one takes about half a kilobyte without certificates of the client.</param>
    public StatefulTickets(KeyEntropy entropy, int capacity = 4096)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 20);
        (_entropy, _capacity) = (entropy, capacity);
    }

    /// <inheritdoc/>
    public bool AreTicketsSingleUse => true;

    /// <summary>Sessions in the cache.</summary>
    public int Count => _byHandle.Count;

    /// <inheritdoc/>
    public Instant NextDeadline => _byAge.First is { Value.Session: var oldest } ? oldest.IssuedAt + oldest.Lifetime : Instant.Never;

    /// <inheritdoc/>
    public void Wake(Instant now)
    {
        while (_byAge.First is { } oldest && oldest.Value.Session.IsExpired(now))
        {
            Remove(oldest).Dispose();
        }
    }

    /// <inheritdoc/>
    public byte[]? Issue(ServerSession session, Instant now)
    {
        ArgumentNullException.ThrowIfNull(session);
        Wake(now);
        if (_byHandle.Count == _capacity)
        {
            if (_byAge.First!.Value.Session.MaxEarlyData > 0)
            {
                session.Dispose();
                return null;
            }

            Remove(_byAge.First).Dispose();
        }

        var handle = new byte[HandleBytes];
        _entropy.Fill(handle);
        var name = Convert.ToHexString(handle);
        _byHandle.Add(name, _byAge.AddLast(new Entry(name, session)));
        return handle;
    }

    /// <inheritdoc/>
    public ServerSession? Find(ReadOnlySpan<byte> ticket, Instant now)
    {
        if (ticket.Length != HandleBytes || !_byHandle.TryGetValue(Convert.ToHexString(ticket), out var node))
        {
            return null;
        }

        var wasFull = _byHandle.Count == _capacity;
        var session = Remove(node);
        if (!session.IsExpired(now))
        {
            session.RefusesEarlyData = wasFull;
            return session;
        }

        session.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_byAge.First is { } oldest)
        {
            Remove(oldest).Dispose();
        }
    }

    private ServerSession Remove(LinkedListNode<Entry> node)
    {
        _byAge.Remove(node);
        _byHandle.Remove(node.Value.Handle);
        return node.Value.Session;
    }
}
