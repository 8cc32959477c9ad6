using Kadath.Primitives;

namespace Kadath.Node;

// How members come and go, and how other threads reach the loop.
public sealed partial class NodeLoop
{
    /// <summary>Makes room for a member. On the loop's thread, from a command.</summary>
    internal LoopSlot Add(ILoopMember member)
    {
        if (!_freeNumbers.TryPop(out int number))
        {
            number = _numbered.Count;
            _numbered.Add(null);
        }

        LoopSlot slot = new(member, number);
        _numbered[number] = slot;
        _slots.Add(slot);
        return slot;
    }

    /// <summary>Binds a socket for a member, which knows it by <paramref name="number"/>. On the loop's thread. Throws <see cref="BindException"/>.</summary>
    internal LoopSocket Open(LoopSlot slot, int number, in Endpoint local)
    {
        LoopSocket socket = new(_pump.Open(local, _options.ReceiveBufferBytes), slot, number);
        _sockets.Add(socket);
        Publish();
        return socket;
    }

    /// <summary>Takes a member off the loop and closes its sockets. On the loop's thread.</summary>
    internal void Remove(LoopSlot slot)
    {
        if (slot.Removed)
        {
            return;
        }

        slot.Removed = true;
        _deadlines.Remove(slot.Number);
        _numbered[slot.Number] = null;
        _freeNumbers.Push(slot.Number);
        _sweep = true;
    }

    /// <summary>Queues work for the loop; false if the queue is full or the loop has ended, and then nothing was called.</summary>
    internal bool Post(in LoopCommand command)
    {
        if (_ended || Interlocked.Increment(ref _commandCount) > _options.CommandCapacity)
        {
            Interlocked.Decrement(ref _commandCount);
            return false;
        }

        _commands.Enqueue(command);
        WakeIfAsleep();
        if (_ended)
        {
            // The loop may have drained its queue for the last time just before: whoever finds the command abandons it.
            AbandonCommands();
        }

        return true;
    }

    /// <summary>Runs a function on the loop and gives its result.</summary>
    internal Task<T> InvokeAsync<T>(LoopSlot? slot, Func<Instant, T> function)
    {
        TaskCompletionSource<T> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool posted = Post(new(
            slot,
            now =>
            {
                try
                {
                    source.TrySetResult(function(now));
                }
                catch (Exception fault) when (slot is null || fault is BindException or ArgumentException)
                {
                    // The caller's fault, not the machine's.
                    source.TrySetException(fault);
                }
            },
            fault => source.TrySetException(fault)));
        if (!posted)
        {
            source.TrySetException(_ended ? new ObjectDisposedException(nameof(NodeLoop)) : new InvalidOperationException("the loop's command queue is full"));
        }

        return source.Task;
    }

    /// <summary>Has <see cref="ILoopMember.Signalled"/> called soon. From any thread; many signals may become one call.</summary>
    internal void Signal(LoopSlot slot)
    {
        if (Interlocked.Exchange(ref slot.SignalPending, 1) == 0)
        {
            _signals.Enqueue(slot);
            WakeIfAsleep();
        }
    }

    private void WakeIfAsleep()
    {
        if (Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            _pump.Wake();
        }
    }

    private void Fault(LoopSlot slot, Exception fault)
    {
        Remove(slot);
        slot.Member.Faulted(fault);
    }

    private void Sweep()
    {
        _sweep = false;
        _pump.Flush();
        for (int i = _sockets.Count - 1; i >= 0; i--)
        {
            if (_sockets[i].Owner.Removed)
            {
                Close(i);
            }
        }

        _slots.RemoveAll(slot => slot.Removed);
        Publish();
    }

    private void Close(int index)
    {
        LoopSocket socket = _sockets[index];
        _sockets.RemoveAt(index);
        socket.Socket.Dispose();
        _closedTraffic = Add(_closedTraffic, socket.Socket.Counters.Snapshot());
    }

    private void Publish() => Volatile.Write(ref _published, [.. _sockets]);

    private void AbandonCommands()
    {
        while (_commands.TryDequeue(out LoopCommand command))
        {
            Interlocked.Decrement(ref _commandCount);
            command.Abandon?.Invoke(new ObjectDisposedException(nameof(NodeLoop)));
        }
    }

    private void End(Exception? fault)
    {
        _ended = true;
        foreach (LoopSlot slot in _slots)
        {
            if (!slot.Removed)
            {
                slot.Removed = true;
                slot.Member.Faulted(fault ?? new ObjectDisposedException(nameof(NodeLoop)));
            }
        }

        try
        {
            Sweep();
            Verifications.Dispose();
            _pump.Dispose();
        }
        catch (Exception thrown)
        {
            fault ??= thrown;
        }

        AbandonCommands();
        if (fault is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(fault);
        }
    }
}
