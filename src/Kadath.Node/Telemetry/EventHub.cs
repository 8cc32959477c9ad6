using System.Threading.Channels;

namespace Kadath.Node;

/// <summary>
/// Hands events from the loop to any number of readers, each with a bounded queue of its own: a slow reader loses its oldest, counted.
/// </summary>
internal sealed class EventHub<T>
    where T : struct
{
    private readonly Lock _lock = new();
    private Channel<T>[] _readers = [];
    private long _lost;
    private bool _closed;

    /// <summary>Events that slow readers lost.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Tells all readers. On the loop; without readers it costs one load.</summary>
    public void Publish(in T happened)
    {
        foreach (Channel<T> reader in Volatile.Read(ref _readers))
        {
            reader.Writer.TryWrite(happened);
        }
    }

    /// <summary>Subscribes at once; the stream ends when the hub is closed.</summary>
    public ChannelReader<T> Subscribe(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Channel<T> channel = Channel.CreateBounded<T>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, AllowSynchronousContinuations = false },
            _ => Interlocked.Increment(ref _lost));
        lock (_lock)
        {
            if (_closed)
            {
                channel.Writer.TryComplete();
            }
            else
            {
                _readers = [.. _readers, channel];
            }
        }

        return channel.Reader;
    }

    /// <summary>Ends one subscription.</summary>
    public void Unsubscribe(ChannelReader<T> reader)
    {
        lock (_lock)
        {
            _readers = [.. _readers.Where(channel => !ReferenceEquals(channel.Reader, reader))];
        }
    }

    /// <summary>Ends all subscriptions.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (Channel<T> reader in _readers)
            {
                reader.Writer.TryComplete();
            }

            _readers = [];
        }
    }
}
