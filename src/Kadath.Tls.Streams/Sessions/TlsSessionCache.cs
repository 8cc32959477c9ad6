using Kadath.Primitives;

namespace Kadath.Tls.Streams;

/// <summary>
/// A client's sessions, in memory only, to be resumed once each. One cache may serve many streams; a session is used again only for the same name
/// and the same trust.
/// </summary>
public sealed class TlsSessionCache : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, ClientSession Session)> _sessions = [];
    private readonly int _capacity;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">Sessions that are kept; the oldest goes first. A few hundred bytes each, and the peer's certificates.</param>
    public TlsSessionCache(int capacity = 256)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
    }

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

    /// <summary>Erases all sessions.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach ((_, ClientSession session) in _sessions)
            {
                session.Dispose();
            }

            _sessions.Clear();
        }
    }

    internal void Add(string key, ClientSession session)
    {
        lock (_lock)
        {
            _sessions.AddFirst((key, session));
            if (_sessions.Count > _capacity)
            {
                _sessions.Last!.Value.Session.Dispose();
                _sessions.RemoveLast();
            }
        }
    }

    /// <summary>Takes the newest session out; the caller disposes of it.</summary>
    internal ClientSession? Take(string key, Instant now)
    {
        lock (_lock)
        {
            for (LinkedListNode<(string Key, ClientSession Session)>? node = _sessions.First, next; node is not null; node = next)
            {
                next = node.Next;
                bool expired = node.Value.Session.IsExpired(now);
                if (!expired && node.Value.Key != key)
                {
                    continue;
                }

                _sessions.Remove(node);
                if (!expired)
                {
                    return node.Value.Session;
                }

                node.Value.Session.Dispose();
            }

            return null;
        }
    }
}
