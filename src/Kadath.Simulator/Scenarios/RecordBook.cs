using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Simulator.Scenarios;

/// <summary>Who holds which record, as the simulator sees it: noted when a machine stores one, and looked up in the machines when it is asked.</summary>
internal sealed class RecordBook
{
    private readonly KademliaNetwork _network;
    private readonly Dictionary<Id160, List<int>> _holders = [];

    public RecordBook(KademliaNetwork network)
    {
        _network = network;
        network.Host.Happened = Note;
    }

    /// <summary>Whether a live node holds the record now.</summary>
    public bool IsHeld(in Id160 target)
    {
        foreach (int node in _holders.GetValueOrDefault(target, []))
        {
            if (_network.IsLive(node) && _network.MachineOf(node)?.HoldsItem(target, _network.Now) == true)
            {
                return true;
            }
        }

        return false;
    }

    private void Note(int node, MainlineEvent happened)
    {
        if (happened.Kind != MainlineEventKind.ItemStored)
        {
            return;
        }

        if (!_holders.TryGetValue(happened.Id, out List<int>? holders))
        {
            _holders.Add(happened.Id, holders = []);
        }

        if (!holders.Contains(node))
        {
            holders.Add(node);
        }
    }
}

/// <summary>One record, and the put that it comes from.</summary>
internal sealed class SimulatedRecord(KademliaNetwork network, int publisher, int number) : SilentObserver
{
    // A put counts only with k copies; one that got fewer is repeated this often.
    private const int Tries = 3;

    private readonly byte[] _value = ValueOf(network.Seed, number);
    private int _left = Tries;

    /// <summary>Where it is stored.</summary>
    public Id160 Target => ItemRules.TargetOf(_value);

    /// <summary>k nodes have acknowledged it.</summary>
    public bool Acknowledged { get; private set; }

    /// <summary>Has the publisher put it, at once or again.</summary>
    public void Put() => network.Do(publisher, (machine, now) =>
        machine.Put(new(Target, default, false, new(_value, default, default, 0, default)), this, now));

    /// <inheritdoc/>
    public override void OnCompleted(in OperationReport report)
    {
        Acknowledged |= report.Stored >= network.Options.Constants.Replication;
        if (!Acknowledged && --_left > 0)
        {
            network.After(TimeSpan.FromSeconds(1), Put);
        }
    }

    private static byte[] ValueOf(ulong seed, int number)
    {
        string text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"record {number} of seed {seed}");
        return System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{text.Length}:{text}"));
    }
}

/// <summary>One get of a record from some node.</summary>
internal sealed class RecordGet(Action<bool> done) : SilentObserver
{
    private bool _found;

    /// <inheritdoc/>
    public override void OnItem(in ItemView item) => _found = true;

    /// <inheritdoc/>
    public override void OnCompleted(in OperationReport report) => done(_found);
}
