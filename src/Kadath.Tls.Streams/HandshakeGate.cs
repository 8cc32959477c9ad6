namespace Kadath.Tls.Streams;

/// <summary>
/// A bound on handshakes that are pending at the same time. A server without one can be made to hold memory and keys for anybody who connects
/// and says nothing. What comes beyond the bound is turned away at once, before any computation.
/// </summary>
public sealed class HandshakeGate
{
    private readonly int _capacity;
    private int _pending;

    /// <summary>A gate of its own.</summary>
    /// <param name="capacity">Handshakes at the same time; at least one.</param>
    public HandshakeGate(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
    }

    /// <summary>The gate of all servers in this process that have no other: 1024 handshakes, which hold about 64 MiB at worst.</summary>
    public static HandshakeGate Shared { get; } = new(1024);

    /// <summary>Handshakes that are pending now.</summary>
    public int Pending => Volatile.Read(ref _pending);

    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _pending) <= _capacity)
        {
            return true;
        }

        Interlocked.Decrement(ref _pending);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _pending);
}
