using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>What a <see cref="NodeLoop"/> carries: a machine with its sockets. All calls come on the loop's thread.</summary>
internal interface ILoopMember : IDatagramMachine
{
    /// <summary>A receive batch of the member's was taken: as many datagrams as there are slots means that more are waiting.</summary>
    void ReceivedBatch(int datagrams, int slots, Instant now);

    /// <summary>Another thread has called <see cref="NodeLoop.Signal"/>: completions wait in the member's own queues.</summary>
    void Signalled(Instant now);

    /// <summary>A check that the member had put into the loop's <see cref="VerificationQueue"/> is done.</summary>
    void Verified(long ticket, bool valid, Instant now);

    /// <summary>The member threw: a fault of Kadath's own. It gets no further call, and its sockets are closed.</summary>
    void Faulted(Exception fault);
}

/// <summary>A member's place in its loop.</summary>
internal sealed class LoopSlot(ILoopMember member, int number)
{
    public ILoopMember Member { get; } = member;

    /// <summary>The number under which the loop keeps the member's deadline.</summary>
    public int Number { get; } = number;

    public bool Removed { get; set; }

    /// <summary>1 while the slot waits in the loop's queue of signals.</summary>
    public int SignalPending;
}

/// <summary>A socket in its loop.</summary>
internal sealed class LoopSocket(IUdpSocket socket, LoopSlot owner, int number)
{
    public IUdpSocket Socket { get; } = socket;

    public LoopSlot Owner { get; } = owner;

    /// <summary>The number under which the member knows the socket.</summary>
    public int Number { get; } = number;

    /// <summary>The last look found something, so the next cycle looks again without asking poll.</summary>
    public bool Hot { get; set; }
}

/// <summary>Work of another thread for the loop.</summary>
/// <param name="Owner">The member it is for, or null; a fault is the member's.</param>
/// <param name="Run">Runs on the loop.</param>
/// <param name="Abandon">Runs instead, anywhere, if the loop or the member has ended.</param>
internal readonly record struct LoopCommand(LoopSlot? Owner, Action<Instant> Run, Action<Exception>? Abandon);
