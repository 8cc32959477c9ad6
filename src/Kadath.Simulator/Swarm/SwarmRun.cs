using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Simulator.Swarm;

/// <summary>
/// One network under one plan: it grows, things go wrong while users ask for everything, all faults are healed, and then it must work again.
/// Safety is checked at every event, whole tables included.
/// </summary>
internal sealed class SwarmRun
{
    private const int FinalLookups = 20;

    // What the network must reach again: all lookups find, and nearly all of the closest answer.
    private const double LeastCoverage = 0.8;

    private static readonly TimeSpan s_recovery = TimeSpan.FromMinutes(12);

    private readonly SwarmPlan _plan;
    private readonly PlantedBug _bug;
    private readonly EntropyStream _chance;
    private readonly List<int> _asleep = [];
    private bool _healed;

    private SwarmRun(SwarmPlan plan, PlantedBug bug, CancellationToken cancellation)
    {
        _plan = plan;
        _bug = bug;
        _chance = EntropyTree.FromSeed(plan.Seed).Child(RunBranch).Stream(0);
        RttModel links = Has(SwarmFaults.Loss) ? RttModel.Lossy : RttModel.SixRegions;
        Network = KademliaNetwork.Create(plan.Seed, new()
        {
            Rtt = Has(SwarmFaults.Duplication) ? links with { DuplicatedPerMille = 20 } : links,
            Constants = plan.K > 0 ? MainlineConstants.OfWidth(plan.K) : MainlineConstants.Standard,
            Settling = TimeSpan.FromMinutes(1),
            TableCheckInterval = 1,
        });
        Network.Cancellation = cancellation;
        if (bug != PlantedBug.None)
        {
            BugPlanter planter = new(Network, bug);
            Network.Host.Bug = planter;
            Network.Packets.PassesOver = planter.PassesOver;
        }
    }

    private const ulong RunBranch = 5;

    /// <summary>The network, as the run left it.</summary>
    public KademliaNetwork Network { get; }

    /// <summary>What was broken; empty in a good run.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Runs a plan to its end.</summary>
    public static SwarmRun Of(SwarmPlan plan, PlantedBug bug = PlantedBug.None, CancellationToken cancellation = default)
    {
        SwarmRun run = new(plan, bug, cancellation);
        run.Run();
        return run;
    }

    /// <summary>The smallest plan that fails still, found by leaving out what is not needed.</summary>
    public static SwarmPlan Shrink(SwarmPlan failing, PlantedBug bug = PlantedBug.None, CancellationToken cancellation = default)
    {
        while (failing.Smaller().Where(plan => Of(plan, bug, cancellation).Failures.Count > 0).Select(static plan => (SwarmPlan?)plan).FirstOrDefault() is { } smaller)
        {
            failing = smaller;
        }

        return failing;
    }

    private bool Has(SwarmFaults fault) => (_plan.Faults & fault) != 0;

    private void Run()
    {
        Network.Grow(_plan.Nodes);
        var span = TimeSpan.FromMinutes(_plan.Minutes);
        Begin(span);
        Network.Run(span);
        Heal();
        Network.Run(s_recovery);
        CheckLiveness();
        Failures.AddRange(Network.Safety.Broken);
        if (Network.Packets.Counters.Stuck > 0)
        {
            Failures.Add($"{Network.Packets.Counters.Stuck} times a deadline lay in the past twice in a row");
        }
    }

    private void Begin(TimeSpan span)
    {
        Every(TimeSpan.FromSeconds(2), Use);
        if (Has(SwarmFaults.Churn))
        {
            Every(TimeSpan.FromSeconds(10), Replace);
        }

        if (Has(SwarmFaults.Sleep))
        {
            Every(TimeSpan.FromSeconds(15), FallAsleep);
        }

        if (Has(SwarmFaults.Corruption))
        {
            Network.Packets.Corrupts = Corrupt;
        }

        if (Has(SwarmFaults.MassLeave))
        {
            Network.After(span / 2, () => Array.ForEach(Others(oneIn: 3), Network.Retire));
        }

        if (Has(SwarmFaults.Partition))
        {
            Network.After(span / 4, () => Array.ForEach(Others(oneIn: 2), node => Network.Packets.SeatOf(node).Partition = 1));
        }

        if (_bug == PlantedBug.GoesDeaf)
        {
            Network.Packets.Reaches = static (_, to) => to % 3 != 1;
        }
    }

    private void Heal()
    {
        _healed = true;
        Network.Packets.Corrupts = null;
        Network.Packets.HealLinks();
        _asleep.ForEach(Network.Resume);
        for (int node = 0; node < Network.Count; node++)
        {
            Network.Packets.SeatOf(node).Partition = 0;
        }
    }

    private void CheckLiveness()
    {
        double coverage = 0;
        for (int i = 0; i < FinalLookups; i++)
        {
            int node = Network.RandomHonest();
            LookupSample? sample = null;
            if (!Network.Probes.IsRunning(node))
            {
                Network.BeginLookup(node, NodeIds.Random<Id160>(_chance), done => sample = done);
            }

            Network.RunUntil(() => sample is not null, TimeSpan.FromMinutes(2));
            if (sample is null)
            {
                Failures.Add($"after healing, a lookup of node {node} did not end");
                continue;
            }

            coverage += sample.Coverage / FinalLookups;
            if (!sample.Success)
            {
                Failures.Add($"after healing, a lookup of node {sample.Initiator} found nobody ({sample.End})");
            }
        }

        if (coverage < LeastCoverage)
        {
            Failures.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"after healing, only {coverage:0.00} of the closest nodes answer"));
        }
    }

    private void Every(TimeSpan interval, Action action) => Network.After(_chance.NextBelow(2 * interval), () =>
    {
        if (!_healed)
        {
            action();
            Every(interval, action);
        }
    });

    private void Use()
    {
        Id160 key = NodeIds.RandomAtDepth(default(Id160), 150 + _chance.NextBelow(8), _chance);
        int what = _chance.NextBelow(5), value = _chance.NextBelow(10);
        byte[] item = [(byte)'i', (byte)('1' + (value % 9)), (byte)'e'];
        Network.Do(Network.RandomHonest(), (machine, now) => _ = what switch
        {
            0 => machine.Announce(new(key, 0), SilentObserver.Instance, now),
            1 => machine.GetPeers(new(key), SilentObserver.Instance, now),
            2 => machine.Put(new(ItemRules.TargetOf(item), default, false, new(item, default, default, 0, default)), SilentObserver.Instance, now),
            3 => machine.Get(new(ItemRules.TargetOf(item)), SilentObserver.Instance, now),
            _ => machine.FindNode(key, TimeSpan.Zero, SilentObserver.Instance, now),
        });
    }

    private void Replace()
    {
        if (Network.LiveCount > SwarmPlan.FewestNodes && Network.RandomHonest() is > 0 and var node)
        {
            Network.Retire(node);
        }

        Network.Start(Network.Add());
    }

    private void FallAsleep()
    {
        if (Network.LiveCount > SwarmPlan.FewestNodes && Network.RandomHonest() is > 0 and var node)
        {
            Network.Stop(node);
            _asleep.Add(node);
            Network.After(_chance.NextBelow(TimeSpan.FromMinutes(1)), () =>
            {
                if (_asleep.Remove(node))
                {
                    Network.Resume(node);
                }
            });
        }
    }

    private void Corrupt(int sender, Span<byte> bytes)
    {
        if (_chance.NextBelow(100) == 0)
        {
            bytes[_chance.NextBelow(bytes.Length)] ^= (byte)(1 + _chance.NextBelow(255));
        }
    }

    private int[] Others(int oneIn) => [.. Network.Live.Nodes.ToArray().Where(node => node != 0 && _chance.NextBelow(oneIn) == 0)];
}
