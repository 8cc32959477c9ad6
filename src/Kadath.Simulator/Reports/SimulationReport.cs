using System.Diagnostics;
using System.Reflection;
using Kadath.Primitives;
using Kadath.Simulator.Events;

namespace Kadath.Simulator;

/// <summary>What a run measured: the members of the command's JSON, and what a scenario adds to them.</summary>
public sealed class SimulationReport
{
    private readonly List<(string Name, double Value)> _extra = [];
    private readonly List<string> _failures = [];

    internal SimulationReport(ScenarioOptions options) => Options = options;

    /// <summary>The first moment of virtual time.</summary>
    public static Instant Origin => SimClock.InstantOf(SimClock.Origin);

    /// <summary>What was asked for.</summary>
    public ScenarioOptions Options { get; }

    /// <summary>The commit that the program was built from, or "unknown".</summary>
    public static string Commit { get; } = CommitOf(typeof(SimulationReport).Assembly);

    /// <summary>The fingerprint of all events.</summary>
    public string TraceHash { get; private set; } = "";

    /// <summary>Events of the run.</summary>
    public long Events { get; private set; }

    /// <summary>What the run took on the wall clock.</summary>
    public TimeSpan Wall { get; private set; }

    /// <summary>Events a second.</summary>
    public double EventsPerSecond { get; private set; }

    /// <summary>Queries answered a second.</summary>
    public double RpcsPerSecond { get; private set; }

    /// <summary>Memory beyond that of a network of one node, per node.</summary>
    public double BytesPerNode { get; private set; }

    /// <summary>Bytes that a node sends in an hour without lookups of users.</summary>
    public double MaintenanceBytesPerNodeHour { get; private set; }

    /// <summary>The lookups; null where there were none.</summary>
    public LookupSummary? Lookups { get; set; }

    /// <summary>What else the scenario measured, in its order.</summary>
    public IReadOnlyList<(string Name, double Value)> Extra => _extra;

    /// <summary>Which invariants and self-checks failed: none in a good run.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>What the network looked like at the end; null unless <see cref="RunDetails.Picture"/> asked for it.</summary>
    public NetworkPicture? Picture { get; private set; }

    /// <summary>The course of the lookup that <see cref="RunDetails.Lookup"/> asked for; null without one.</summary>
    public LookupCourse? Course { get; private set; }

    /// <summary>Adds a number of the scenario's own.</summary>
    public void Add(string name, double value) => _extra.Add((name, value));

    /// <summary>The network that the report is about, where the scenario made it itself.</summary>
    internal KademliaNetwork? Network { get; private set; }

    /// <summary>The report is about this network, not the one that the scenario was given.</summary>
    internal void Ran(KademliaNetwork network) => Network = network;

    /// <summary>A self-check of the scenario failed.</summary>
    public void Fail(string why) => _failures.Add(why);

    /// <summary>Takes what has been sent so far as maintenance: to be called before the first lookup of a user.</summary>
    public void AddMaintenance(KademliaNetwork network)
    {
        double hours = (network.Now - Origin).TotalHours;
        MaintenanceBytesPerNodeHour = hours > 0 ? network.Packets.Counters.SentBytes / (hours * network.Count) : 0;
    }

    internal void Close(KademliaNetwork network, TimeSpan wall, long idleMemory, RunDetails details)
    {
        TraceHash = network.TraceHash;
        Events = network.Events;
        Wall = wall;
        EventsPerSecond = Events / wall.TotalSeconds;
        RpcsPerSecond = network.Rpcs / wall.TotalSeconds;
        using var self = Process.GetCurrentProcess();
        BytesPerNode = Math.Max(0, self.PeakWorkingSet64 - idleMemory) / (double)network.Count;
        foreach (string broken in network.Safety.Broken)
        {
            Fail(broken);
        }

        if (network.Packets.Counters.Stuck > 0)
        {
            Fail($"{network.Packets.Counters.Stuck} times a machine stated a deadline in the past twice in a row");
        }

        Course = network.Probes.Course;

        // After the readings of memory and time: a picture is no part of the run.
        Picture = details.Picture ? NetworkPicture.Of(network) : null;
    }

    private static string CommitOf(Assembly assembly)
    {
        string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int at = version.IndexOf('+', StringComparison.Ordinal);
        return at < 0 ? "unknown" : version[(at + 1)..];
    }
}
