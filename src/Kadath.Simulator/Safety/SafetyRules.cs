using Kadath.Kademlia;
using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Simulator.Packets;

namespace Kadath.Simulator.Safety;

/// <summary>
/// What must hold at every event, whatever happens to a network. The rules about datagrams and counts are looked at every time; those that
/// read whole tables at every so many events of the run. A machine that is no Mainline machine, or is marked as dishonest, is not judged.
/// </summary>
/// <remarks>
/// That a machine never states a deadline in the past twice in a row, by which every query of ours ends in time as well, is counted by the
/// packet network itself.
/// </remarks>
internal sealed class SafetyRules(KademliaNetwork network, int tableInterval) : IPacketWatcher
{
    // More of the same says no more.
    private const int MaxKept = 20;

    private readonly HashSet<(int Node, int Asker, ulong Transaction)> _deferred = [];
    private readonly HashSet<Endpoint> _endpoints = [];
    private readonly HashSet<Id160> _ids = [];
    private ContactView<Id160, Endpoint>[] _views = new ContactView<Id160, Endpoint>[1024];
    private (int Asker, ulong Transaction) _open = (-1, 0);
    private bool _mayDefer;
    private (int Count, int Live) _before = (-1, -1);
    private int _events;

    /// <summary>What was broken, the first few.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>How often something was broken.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public void Receiving(int sender, int receiver, ReadOnlySpan<byte> bytes)
    {
        _open = (-1, 0);
        if (Judged(receiver) is { } machine && KrpcParser.TryParse(bytes, out KrpcMessage message) && message.Kind == KrpcKind.Query)
        {
            _open = (sender, HashOf(message.Transaction));
            _mayDefer = message.Method is KrpcMethod.Put;
            RoutingTable<Id160, Endpoint> table = machine.TableOf(0);
            _before = (table.Count, table.LiveCount);
        }
    }

    /// <inheritdoc/>
    public void Sending(int sender, int receiver, in Endpoint to, ReadOnlySpan<byte> bytes)
    {
        if (Judged(sender) is not { } machine)
        {
            return;
        }

        if (!KrpcParser.TryParse(bytes, out KrpcMessage message))
        {
            Break(sender, "sent what is no message");
            return;
        }

        int limit = message.Method is KrpcMethod.Put || message.ValueSlice.Present ? KrpcLimits.ItemPayload : KrpcLimits.Payload;
        if (bytes.Length > limit)
        {
            Break(sender, $"sent {bytes.Length} bytes where {limit} are allowed");
        }

        if (message.HasId && message.Id != machine.TableOf(0).Self)
        {
            Break(sender, "used an id that is not its own");
        }

        if (message.Kind != KrpcKind.Query)
        {
            MatchReply(sender, receiver, HashOf(message.Transaction));
        }
    }

    /// <inheritdoc/>
    public void Acted(int node)
    {
        if (Judged(node) is not { } machine)
        {
            return;
        }

        RoutingTable<Id160, Endpoint> table = machine.TableOf(0);
        if (_before.Count >= 0 && (table.Count < _before.Count || table.LiveCount < _before.Live))
        {
            // A query of somebody whom we never verified must not cost a contact its place.
            Break(node, "gave up a contact for a query");
        }

        if (_open.Asker >= 0 && _mayDefer)
        {
            _deferred.Add((node, _open.Asker, _open.Transaction));
        }

        (_open, _before) = ((-1, 0), (-1, -1));
        if (++_events % tableInterval == 0)
        {
            JudgeTable(node, table);
        }
    }

    private void MatchReply(int sender, int receiver, ulong transaction)
    {
        if (_open == (receiver, transaction))
        {
            // One reply a query: whoever forges an address gets no more than that out of a node.
            _open = (-1, 0);
        }
        else if (!_deferred.Remove((sender, receiver, transaction)))
        {
            Break(sender, "answered what nobody asked");
        }
    }

    private void JudgeTable(int node, RoutingTable<Id160, Endpoint> table)
    {
        if (table.Count > _views.Length)
        {
            _views = new ContactView<Id160, Endpoint>[table.Count];
        }

        int count = table.CopyContacts(0, _views), live = 0;
        _endpoints.Clear();
        _ids.Clear();
        foreach (ref readonly ContactView<Id160, Endpoint> view in _views.AsSpan(0, count))
        {
            live += view.IsLive ? 1 : 0;
            if (!_ids.Add(view.Contact.Id) || !_endpoints.Add(view.Contact.Handle) || view.Contact.Id == table.Self)
            {
                Break(node, "has a contact twice, or itself, in its table");
            }
        }

        if (live != table.LiveCount || count != table.Count)
        {
            Break(node, $"counts {table.LiveCount} live of {table.Count} contacts where there are {live} of {count}");
        }

        for (int i = 0; i < table.BucketCount; i++)
        {
            BucketView bucket = table.BucketAt(i);
            if (bucket.Contacts > bucket.Width || bucket.Live > bucket.Contacts)
            {
                Break(node, $"has {bucket.Contacts} contacts in a bucket of {bucket.Width}");
            }
        }
    }

    private MainlineDht? Judged(int node) => network.IsHonest(node) ? network.MachineOf(node) : null;

    private void Break(int node, string what)
    {
        Count++;
        if (Broken.Count < MaxKept)
        {
            Broken.Add($"at {network.Now}, node {node} {what}");
        }
    }

    private static ulong HashOf(ReadOnlySpan<byte> transaction)
    {
        ulong hash = (ulong)transaction.Length;
        foreach (byte b in transaction)
        {
            hash = (hash ^ b) * 0x100000001B3UL;
        }

        return hash;
    }
}
