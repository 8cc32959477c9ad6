using System.Globalization;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Simulator.Scenarios;

/// <summary>One story that the simulator can tell: builds a network, lets things happen to it, and reports what it measured.</summary>
public abstract class Scenario
{
    /// <summary>The name by which the command knows it.</summary>
    public abstract string Name { get; }

    /// <summary>One line for the help.</summary>
    public abstract string Summary { get; }

    /// <summary>Settings of its own that it understands.</summary>
    public virtual IReadOnlyList<string> Settings => [];

    /// <summary>Runs on a network that is made but has no node yet, and adds what it measured to the report.</summary>
    public abstract void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report);

    /// <summary>The options of the network for this scenario.</summary>
    public virtual SimulationOptions NetworkOptions(ScenarioOptions options)
    {
        MainlineConstants constants = options.K > 0 ? MainlineConstants.OfWidth(options.K) : MainlineConstants.Standard;
        if (options.Alpha > 0)
        {
            constants = constants with { Lookup = constants.Lookup with { Parallelism = options.Alpha } };
        }

        return new() { Rtt = options.Rtt, Constants = constants, Paths = Math.Max(1, options.Paths) };
    }

    /// <summary>Brings the network about, as asked: grown or by decree.</summary>
    protected static void Build(KademliaNetwork network, ScenarioOptions options)
    {
        if (options.IdealTables)
        {
            network.GrowIdeal(options.Nodes);
        }
        else
        {
            network.Grow(options.Nodes);
        }
    }

    /// <summary>
    /// Measures lookups for random targets, each from another live honest node where there are enough, begun at even intervals.
    /// </summary>
    protected static List<LookupSample> Measure(KademliaNetwork network, int count, TimeSpan interval)
    {
        int[] initiators = Shuffled(network);
        List<LookupSample> samples = new(count);
        int begun = 0, skipped = 0;
        void BeginNext()
        {
            // Who has stopped meanwhile, or is still busy with a lookup of its own, is passed over.
            int node = initiators[(begun + skipped) % initiators.Length];
            for (; (!network.IsLive(node) || network.Probes.IsRunning(node)) && skipped < count + initiators.Length; skipped++)
            {
                node = initiators[(begun + skipped + 1) % initiators.Length];
            }

            network.BeginLookup(node, NodeIds.Random<Id160>(network.Chance), samples.Add);
            if (++begun < count)
            {
                network.After(interval, BeginNext);
            }
        }

        if (count > 0 && initiators.Length > 0)
        {
            network.After(interval, BeginNext);
            network.Run(count * interval);
            network.RunUntil(() => samples.Count >= count, TimeSpan.FromMinutes(2));
        }

        return samples;
    }

    /// <summary>The setting <c>share</c>, from 0 to 1. Throws <see cref="ArgumentException"/> for what is none.</summary>
    protected static double Share(ScenarioOptions options, double otherwise)
    {
        if (!options.Settings.TryGetValue("share", out string? text))
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share) && share is >= 0 and < 1
            ? share
            : throw new ArgumentException($"--share must be a number from 0 to just below 1, not '{text}'");
    }

    /// <summary>A setting that is a number, from 0 to a million. Throws <see cref="ArgumentException"/> for what is none.</summary>
    protected static double Number(ScenarioOptions options, string name, double otherwise)
    {
        if (!options.Settings.TryGetValue(name, out string? text))
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number is >= 0 and <= 1_000_000
            ? number
            : throw new ArgumentException($"--set {name} must be a number, not '{text}'");
    }

    /// <summary>Stops a random share of the live nodes for good, node 0 left out; returns how many.</summary>
    protected static int StopShare(KademliaNetwork network, double share)
    {
        int[] nodes = [.. Shuffled(network).Where(static node => node != 0)];
        int count = (int)Math.Round(share * nodes.Length);
        foreach (int node in nodes.AsSpan(0, count))
        {
            network.Retire(node);
        }

        return count;
    }

    private static int[] Shuffled(KademliaNetwork network)
    {
        int[] nodes = [.. network.Live.Nodes.ToArray().Where(node => network.IsHonest(node) && network.MachineOf(node) is not null)];
        for (int i = nodes.Length - 1; i > 0; i--)
        {
            int j = network.Chance.NextBelow(i + 1);
            (nodes[i], nodes[j]) = (nodes[j], nodes[i]);
        }

        return nodes;
    }
}
