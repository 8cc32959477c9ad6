using Kadath.Simulator.Events;

namespace Kadath.Simulator;

/// <content>Virtual time.</content>
public sealed partial class KademliaNetwork
{
    // Between two looks at the wall clock and at who wants to cancel: some ten milliseconds.
    private const int Stride = 16_384;

    /// <summary>Set to end a run early: <see cref="Run"/> throws <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Lets virtual time pass.</summary>
    public void Run(TimeSpan span)
    {
        long until = Packets.Quantum + SimClock.Quanta(span);
        while (Packets.Step(until, Stride))
        {
            Look();
        }
    }

    /// <summary>Lets virtual time pass until the condition holds, looking after every event; false if the limit came first.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        long until = Packets.Quantum + SimClock.Quanta(limit);
        for (int step = 1; !condition(); step++)
        {
            if (!Packets.Step(until, 1))
            {
                return condition();
            }

            if (step % Stride == 0)
            {
                Look();
            }
        }

        return true;
    }

    private void Look()
    {
        Cancellation.ThrowIfCancellationRequested();
        Progress?.Invoke(this);
    }
}
