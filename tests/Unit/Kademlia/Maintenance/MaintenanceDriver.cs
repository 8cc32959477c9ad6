using Kadath.Kademlia;
using Kadath.Primitives;
using Kadath.Tests.Unit.Kademlia.Table;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia.Maintenance;

/// <summary>
/// Does what maintenance asks for, in virtual time: a ping or lookup takes one second, and all contacts answer while online, but those that
/// are dead, whose pings take ten.
/// </summary>
internal sealed class MaintenanceDriver
{
    private readonly PriorityQueue<Action, (long Ticks, int Number)> _ends = new();
    private int _number;

    public MaintenanceDriver(RoutingTableOptions? options = null)
    {
        Table = Tables.New(new() { Counts = false }, options ?? new() { Widths = [12] });
        Machine = new(Table, new(), EntropyTree.FromSeed(11).Stream(0));
        Lookup = AskClosest;
    }

    public RoutingTable<Id160, Endpoint> Table { get; }

    public Maintenance<Id160, Endpoint> Machine { get; }

    public Instant Now { get; set; } = Tables.Start;

    public bool Online { get; set; } = true;

    public bool Declines { get; set; }

    public Func<Endpoint, bool> Dead { get; init; } = static _ => false;

    public TimeSpan Lateness { get; init; }

    /// <summary>What a lookup does; returns how many answered.</summary>
    public Func<MaintenanceTask<Id160, Endpoint>, int> Lookup { get; set; }

    public List<(Instant At, MaintenanceTask<Id160, Endpoint> Task)> Log { get; } = [];

    public IEnumerable<(Instant At, MaintenanceTask<Id160, Endpoint> Task)> Refreshes => Log.Where(static e => e.Task.Kind == MaintenanceKind.Refresh);

    public void Fill(int contacts, bool live)
    {
        for (int i = 0; i < contacts; i++)
        {
            Id160 id = Tables.At(i % 6, i);
            if (live)
            {
                Table.Answered(id, Tables.Peer(i), null, Now);
            }
            else
            {
                Table.Restore(id, Tables.Peer(i), Instant.Zero, Now);
            }
        }
    }

    public void RunFor(TimeSpan span)
    {
        Instant end = Now + span;
        for (int turns = 0; ; turns++)
        {
            Assert.True(turns < 1_000_000, "maintenance spins");
            while (Machine.TryNext(Now, out MaintenanceTask<Id160, Endpoint> task))
            {
                Begin(task);
            }

            Instant wake = Machine.NextDeadline + Lateness;
            Instant next = _ends.TryPeek(out _, out (long Ticks, int) due) ? Instant.Min(wake, new(due.Ticks)) : wake;
            if (next > end)
            {
                Now = end;
                return;
            }

            Now = Instant.Max(Now, next);
            while (_ends.TryPeek(out _, out due) && due.Ticks <= Now.Ticks)
            {
                _ends.Dequeue()();
            }
        }
    }

    private void Begin(MaintenanceTask<Id160, Endpoint> task)
    {
        Log.Add((Now, task));
        if (Declines)
        {
            Machine.Declined(task, Now);
            return;
        }

        _ends.Enqueue(() => End(task), ((Now + TimeSpan.FromSeconds(task.Kind == MaintenanceKind.Ping && Dead(task.Contact.Handle) ? 10 : 1)).Ticks, _number++));
    }

    private void End(MaintenanceTask<Id160, Endpoint> task)
    {
        int answered = task.Kind == MaintenanceKind.Ping ? Ask(task.Contact) : Online ? Lookup(task) : AskClosest(task);
        Machine.Completed(task, answered, Now);
    }

    /// <summary>What a lookup does by default: asks the four closest.</summary>
    public int AskClosest(MaintenanceTask<Id160, Endpoint> task)
    {
        var closest = new Contact<Id160, Endpoint>[4];
        int count = Table.Closest(task.Target, closest, ContactUse.Ask);
        return closest.Take(count).Sum(Ask);
    }

    private int Ask(Contact<Id160, Endpoint> contact)
    {
        if (Online && !Dead(contact.Handle))
        {
            Table.Answered(contact.Id, contact.Handle, TimeSpan.FromMilliseconds(50), Now);
            return 1;
        }

        Table.Failed(contact.Id, contact.Handle, RpcFailure.TimedOut, Now);
        return 0;
    }
}
