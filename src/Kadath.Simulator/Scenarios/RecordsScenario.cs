using Kadath.Mainline;
using Kadath.Simulator.Churn;

namespace Kadath.Simulator.Scenarios;

/// <summary>
/// Records (as many as --lookups) are put by a hundred read-only nodes beside the network, which stay and hold nothing; then nodes come and
/// go, leavers never return, and every hour the simulator looks which records no live node holds (lost) and gets some from random nodes.
/// </summary>
public sealed class RecordsScenario : Scenario
{
    private const int Publishers = 100, GetsPerHour = 200;

    private static readonly TimeSpan s_putting = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override string Name => "records";

    /// <inheritdoc/>
    public override string Summary => "records (--lookups of them) under churn (--hours): --set ttl=HOURS, republish=HOURS (0: never), maintenance=off, gets=off";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Settings => ["ttl", "republish", "maintenance", "gets"];

    /// <inheritdoc/>
    public override SimulationOptions NetworkOptions(ScenarioOptions options)
    {
        SimulationOptions network = base.NetworkOptions(options);
        return network with { Constants = network.Constants with { ItemLifetime = TimeSpan.FromHours(Number(options, "ttl", 2)) } };
    }

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.AddMaintenance(network);
        var book = new RecordBook(network);
        List<SimulatedRecord> records = Publish(network, options.Lookups);
        if (options.Settings.GetValueOrDefault("maintenance") == "off")
        {
            network.SetMaintenance(false);
        }

        new ChurnPlan(network).Begin();
        Republish(network, records, TimeSpan.FromHours(Number(options, "republish", 0)));
        bool gets = options.Settings.GetValueOrDefault("gets") != "off";
        int asked = 0, notFound = 0;
        for (int hour = 1; hour <= (int)options.Hours; hour++)
        {
            network.Run(TimeSpan.FromHours(1) - (gets ? s_putting : TimeSpan.Zero));
            if (gets)
            {
                notFound += Get(network, records, ref asked);
            }

            report.Add($"lostShareAfterHour{hour}", Lost(book, records) / (double)records.Count);
        }

        report.Add("records.count", records.Count);
        report.Add("records.lost", Lost(book, records));
        report.Add("records.gets", asked);
        report.Add("records.notFound", notFound);
    }

    private static List<SimulatedRecord> Publish(KademliaNetwork network, int count)
    {
        int[] publishers = [.. Enumerable.Range(0, Math.Min(Publishers, count)).Select(_ => network.Add())];
        Array.ForEach(publishers, network.StartClient);
        network.Run(s_putting);
        List<SimulatedRecord> records = [.. Enumerable.Range(0, count).Select(number => new SimulatedRecord(network, publishers[number % publishers.Length], number))];
        Spread(network, records, s_putting);
        network.Run(s_putting + TimeSpan.FromMinutes(3));
        return [.. records.Where(static record => record.Acknowledged)];
    }

    private static void Republish(KademliaNetwork network, List<SimulatedRecord> records, TimeSpan interval)
    {
        if (interval > TimeSpan.Zero)
        {
            network.After(interval, () =>
            {
                Spread(network, records, s_putting);
                Republish(network, records, interval);
            });
        }
    }

    private static void Spread(KademliaNetwork network, List<SimulatedRecord> records, TimeSpan span)
    {
        for (int i = 0; i < records.Count; i++)
        {
            network.After(i * (span / records.Count), records[i].Put);
        }
    }

    private static int Get(KademliaNetwork network, List<SimulatedRecord> records, ref int asked)
    {
        int missing = 0, count = Math.Min(GetsPerHour, records.Count);
        for (int i = 0; i < count; i++)
        {
            SimulatedRecord record = records[network.Chance.NextBelow(records.Count)];
            network.After(i * (s_putting / 2 / count), () =>
            {
                int node = network.RandomHonest();
                network.Do(node, (machine, now) => machine.Get(new(record.Target, Mutable: false), new RecordGet(found => missing += found ? 0 : 1), now));
            });
        }

        asked += count;
        network.Run(s_putting);
        return missing;
    }

    private static int Lost(RecordBook book, List<SimulatedRecord> records) => records.Count(record => !book.IsHeld(record.Target));
}
