using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Tests.Unit.Mainline.Support;

/// <summary>A sink that allocates nothing: it counts, keeps the last datagram, and holds completions in a fixed ring.</summary>
internal sealed class QuietEffects : IMainlineEffects
{
    private readonly byte[] _slot = new byte[DatagramLimits.SendSlot];
    private readonly long[] _completions = new long[64];
    private int _first;
    private int _count;

    public long Sent { get; private set; }

    public long SentBytes { get; private set; }

    public int LastLength { get; private set; }

    public ReadOnlySpan<byte> Last => _slot.AsSpan(0, LastLength);

    public Span<byte> Rent(int socket) => _slot;

    public void Send(int socket, int length, in Endpoint to) => (Sent, SentBytes, LastLength) = (Sent + 1, SentBytes + length, length);

    public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Add(ticket | (1L << 62));

    public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires) => ticket == 0 || Add(ticket);

    public void Emit(in MainlineEvent happened)
    {
    }

    /// <summary>Every signature is valid and every disk writes.</summary>
    public void Complete(MainlineDht machine, Instant now)
    {
        for (; _count > 0; _count--, _first = (_first + 1) % _completions.Length)
        {
            long next = _completions[_first];
            if ((next & (1L << 62)) != 0)
            {
                machine.Verified(next & ~(1L << 62), true, now);
            }
            else
            {
                machine.Persisted(next, true, now);
            }
        }
    }

    private bool Add(long ticket)
    {
        if (_count == _completions.Length)
        {
            return false;
        }

        _completions[(_first + _count++) % _completions.Length] = ticket;
        return true;
    }
}
