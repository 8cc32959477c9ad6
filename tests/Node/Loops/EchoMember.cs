using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Tests.Node.Loops;

/// <summary>The simplest member of a loop: sends back what it receives, and wakes when told.</summary>
internal sealed class EchoMember : ILoopMember
{
    private IUdpSocket? _socket;

    public int Received;
    public int Woken;
    public int Signals;
    public long AllocatedAtReceive;
    public Exception? Fault;
    public readonly List<(long Ticket, bool Valid)> Checks = [];

    public Instant Deadline { get; set; } = Instant.Never;

    public Action<Instant>? OnWake { get; set; }

    public bool ThrowOnReceive { get; set; }

    public Instant NextDeadline => Deadline;

    public LoopSlot? Slot { get; private set; }

    public Endpoint Local => _socket!.Local;

    public static async Task<EchoMember> AddAsync(NodeLoop loop, EchoMember? member = null)
    {
        member ??= new();
        await loop.InvokeAsync(null, _ =>
        {
            member.Slot = loop.Add(member);
            member._socket = loop.Open(member.Slot, 3, Endpoint.V4(0x7F000001, 0)).Socket;
            return true;
        });
        return member;
    }

    public void Receive(int socket, ReadOnlySpan<byte> datagram, in Endpoint from, Instant now)
    {
        if (ThrowOnReceive || socket != 3)
        {
            throw new InvalidDataException("broken on purpose");
        }

        Received++;
        AllocatedAtReceive = GC.GetAllocatedBytesForCurrentThread();
        datagram.CopyTo(_socket!.Rent());
        _socket.Send(datagram.Length, from);
    }

    public void Wake(Instant now)
    {
        Woken++;
        Deadline = Instant.Never;
        OnWake?.Invoke(now);
    }

    public void ReceivedBatch(int datagrams, int slots, Instant now)
    {
    }

    public void Signalled(Instant now) => Signals++;

    public void Verified(long ticket, bool valid, Instant now) => Checks.Add((ticket, valid));

    public void Faulted(Exception fault) => Fault = fault;
}
