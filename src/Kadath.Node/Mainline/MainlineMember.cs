using System.Buffers;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// The Mainline machine as a member of a loop: gives it its sockets, its completions and its time, and carries its effects out.
/// Everything here runs on the loop's thread, except construction and loading, which come before the loop knows it.
/// </summary>
internal sealed partial class MainlineMember : ILoopMember
{
    private readonly NodeLoop _loop;
    private readonly MainlineNodeOptions _options;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _bootstrapped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<OperationObserver> _running = [];
    private readonly Instant _started = MonotonicClock.Now;
    private MainlineDht? _dht;
    private LoopSlot? _slot;
    private IUdpSocket[] _sockets = [];
    private Instant _checkpointAt = Instant.Never;

    public MainlineMember(NodeLoop loop, MainlineNodeOptions options)
    {
        _loop = loop;
        _options = options;
    }

    /// <summary>What happened in the machine.</summary>
    public EventHub<MainlineEvent> Events { get; } = new();

    /// <summary>Ends with the member; faults by a fault of Kadath's own.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends when some socket address has enough contacts.</summary>
    public Task Bootstrapped => _bootstrapped.Task;

    /// <summary>The member's place in the loop, once it has one.</summary>
    public LoopSlot? Slot => _slot;

    /// <summary>The present id of each socket.</summary>
    public IReadOnlyList<Id160> Ids { get; private set; } = [];

    /// <summary>The bound endpoints.</summary>
    public IReadOnlyList<Endpoint> Endpoints { get; private set; } = [];

    public Instant NextDeadline
    {
        get
        {
            if (_dht is null)
            {
                return Instant.Never;
            }

            Instant own = Instant.Min(_checkpointAt, _patience.Count == 0 ? Instant.Never : _patience.Peek().Deadline);
            return Instant.Min(own, _dht.NextDeadline);
        }
    }

    /// <summary>Takes a place in the loop and binds the sockets: datagrams wait in the kernel until <see cref="Serve"/>. On the loop.</summary>
    public void Bind(IReadOnlyList<Endpoint> addresses)
    {
        _slot = _loop.Add(this);
        List<IUdpSocket> sockets = [];
        try
        {
            foreach (Endpoint address in addresses)
            {
                sockets.Add(OpenOnSamePort(address, sockets));
            }
        }
        catch (BindException)
        {
            _loop.Remove(_slot);
            throw;
        }

        foreach (SharedSocket shared in _options.SharedSockets)
        {
            sockets.Add(new SharedUdpSocket(shared, _options.Loop is null && _options.LoopOptions.LoopbackOnly));
        }

        _sockets = [.. sockets];
        Endpoints = [.. _sockets.Select(socket => socket.Local)];
    }

    /// <summary>The machine is loaded: it serves from now on. On the loop.</summary>
    public void Serve(MainlineDht dht, Instant now)
    {
        _dht = dht;
        _checkpointAt = now + _options.CheckpointInterval;
        RefreshIds();
        AlignTokens(now);
        dht.Wake(now);
    }

    public void ReceivedBatch(int datagrams, int slots, Instant now) => _dht?.ReceivedBatch(datagrams, slots, now);

    public void Receive(int socket, ReadOnlySpan<byte> datagram, in Endpoint from, Instant now) => _dht?.Receive(socket, datagram, from, now);

    public void Wake(Instant now)
    {
        if (_dht is null)
        {
            return;
        }

        ExpirePatience(now);
        if (_checkpointAt <= now)
        {
            _checkpointAt = now + _options.CheckpointInterval;
            _dht.Checkpoint(now);
            AlignTokens(now);
        }

        _dht.Wake(now);
    }

    public void Signalled(Instant now) => TakeProgress(now);

    public void Verified(long ticket, bool valid, Instant now) => _dht?.Verified(ticket, valid, now);

    public void Faulted(Exception fault) => End(fault);

    /// <summary>Saves what a restart wants back and leaves the loop. On the loop.</summary>
    public void Stop(Instant now)
    {
        if (_slot is { Removed: false } slot)
        {
            _dht?.Checkpoint(now);
            _loop.Remove(slot);
            End(null);
        }
    }

    /// <summary>Takes a datagram that the owner of a shared socket received. From any thread; false if the loop has no room.</summary>
    public bool Offer(int socket, ReadOnlySpan<byte> datagram, Endpoint from)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(datagram.Length);
        datagram.CopyTo(copy);
        int length = datagram.Length;
        return _loop.Post(new(
            _slot,
            now =>
            {
                _sockets[socket].Counters.Received++;
                _dht?.Receive(socket, copy.AsSpan(0, length), from, now);
                ArrayPool<byte>.Shared.Return(copy);
            },
            null));
    }

    /// <summary>A snapshot. On the loop.</summary>
    public MainlineStatus Snapshot(IReadOnlyList<string> routers, Instant now)
    {
        TrafficCounters traffic = default;
        foreach (IUdpSocket socket in _sockets)
        {
            traffic = NodeLoop.Add(traffic, socket.Counters.Snapshot());
        }

        int count = _dht?.SocketCount ?? 0;
        MainlineSocketState[] states = new MainlineSocketState[count];
        for (int i = 0; i < count; i++)
        {
            states[i] = _dht!.StateOf(i);
        }

        StoreStatus store = _writer?.Status ?? new(StoreMode.Memory, null, null, 0, 0, 0);
        return new(
            DateTimeOffset.UtcNow, now - _started, _options.Network.ReadOnly, states, _dht?.Counters ?? default, traffic, store, routers, Events.Lost);
    }

    // A port of its own for each family would be two things to forward in a router: where both are free to choose, they share one.
    private IUdpSocket OpenOnSamePort(in Endpoint address, List<IUdpSocket> earlier)
    {
        bool v6 = address.IsV6;
        if (address.Port == 0 && earlier.Find(socket => socket.Local.IsV6 != v6) is { } sister)
        {
            try
            {
                return _loop.Open(_slot!, earlier.Count, address.WithPort(sister.Local.Port)).Socket;
            }
            catch (BindException)
            {
                // Taken in this family: any other will do.
            }
        }

        return _loop.Open(_slot!, earlier.Count, address).Socket;
    }

    // Sisters take each other's tokens as long as their clocks agree, whatever ours has been set to meanwhile.
    private void AlignTokens(Instant now)
    {
        if (!_options.Network.TokenSecret.IsEmpty)
        {
            _dht!.AlignTokens(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), now);
        }
    }

    private void RefreshIds()
    {
        Id160[] ids = new Id160[_dht!.SocketCount];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = _dht.StateOf(i).Id;
        }

        Ids = ids;
    }

    private void End(Exception? fault)
    {
        Exception reason = fault ?? new ObjectDisposedException(nameof(MainlineNode));
        foreach (OperationObserver observer in _running)
        {
            observer.Fail(reason);
        }

        _running.Clear();
        Events.Close();
        foreach (IUdpSocket socket in _sockets)
        {
            (socket as SharedUdpSocket)?.Dispose();
        }

        _bootstrapped.TrySetCanceled();
        if (fault is null or ObjectDisposedException)
        {
            _ended.TrySetResult();
        }
        else
        {
            _ended.TrySetException(fault);
        }
    }
}
