using Kadath.Mainline.Nodes;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>The operations that run. Bounded: what exceeds it is refused, with a report like any other end.</summary>
internal sealed class OperationTable
{
    /// <summary>Operations at once: each search holds up to 40 KB and a hundred pending queries.</summary>
    public const int Max = 512;

    // The top two bits of a ticket belong to the machine: bit 62 says that it is an operation's.
    private const long OperationTicket = 1L << 62;
    private const int TicketBits = 8;

    private readonly List<Operation> _running = [];
    private long _last;

    public OperationTable(MainlineContext context) => Context = context;

    /// <summary>What the machine's nodes have in common.</summary>
    public MainlineContext Context { get; }

    /// <summary>True if another operation may be started.</summary>
    public bool HasRoom => _running.Count < Max;

    /// <summary>When <see cref="Wake"/> is wanted next.</summary>
    public Instant NextDeadline
    {
        get
        {
            Instant next = Instant.Never;
            foreach (Operation operation in _running)
            {
                next = Instant.Min(next, operation.NextDeadline);
            }

            return next;
        }
    }

    /// <summary>True if the ticket of a verification or a write was given out here.</summary>
    public static bool IsOperationTicket(long ticket) => (ticket & OperationTicket) != 0;

    /// <summary>Takes an operation in and begins it.</summary>
    public OperationId Start(Operation operation, Instant now)
    {
        bool room = HasRoom;
        operation.Id = new(++_last);
        _running.Add(operation);
        if (room)
        {
            operation.Start(now);
        }
        else
        {
            operation.Refuse();
        }

        return operation.Id;
    }

    /// <summary>The ticket for an operation's verification or write with this number, 0 to 255.</summary>
    public long TicketFor(Operation operation, int number) => OperationTicket | (operation.Id.Value << TicketBits) | (uint)number;

    /// <summary>The completion of a verification; one whose operation has ended is forgotten.</summary>
    public void Verified(long ticket, bool valid, Instant now) => OwnerOf(ticket)?.Verified(NumberOf(ticket), valid, now);

    /// <summary>The completion of a write; one whose operation has ended is forgotten.</summary>
    public void Persisted(long ticket, bool durable, Instant now) => OwnerOf(ticket)?.Persisted(NumberOf(ticket), durable, now);

    /// <summary>A running operation by its number.</summary>
    public Operation? Find(OperationId id)
    {
        foreach (Operation operation in _running)
        {
            if (operation.Id == id)
            {
                return operation;
            }
        }

        return null;
    }

    /// <summary>Does what is due. Operations may end, and begin others, meanwhile.</summary>
    public void Wake(Instant now)
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (i < _running.Count && _running[i].NextDeadline <= now)
            {
                _running[i].Wake(now);
            }
        }
    }

    private static int NumberOf(long ticket) => (int)(ticket & ((1 << TicketBits) - 1));

    private Operation? OwnerOf(long ticket) => Find(new((ticket & ~OperationTicket) >> TicketBits));

    /// <summary>An operation has ended.</summary>
    public void Remove(Operation operation) => _running.Remove(operation);
}
