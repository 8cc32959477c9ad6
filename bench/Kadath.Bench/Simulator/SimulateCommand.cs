using System.Diagnostics;
using System.Globalization;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Simulator;
using Kadath.Simulator.Churn;

namespace Kadath.Bench.Simulator;

/// <summary>
/// <c>Kadath.Bench simulate [nodes] [seconds] [k]</c>: what the simulator does in a second with codec, timers, churn and trace hash on, while a
/// tenth of the nodes is busy with a lookup at any time; beside it, in the same run, what the yardstick does. Tables are filled by decree,
/// maintenance runs.
/// </summary>
internal static class SimulateCommand
{
    private const double WarmUpSeconds = 4;

    public static int Run(string[] args)
    {
        int nodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
        double seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 10;
        int k = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 8;
        bool safety = args.Length > 3 && args[3] == "safety";
        MiniSim.Run(nodes, seconds);
        var network = KademliaNetwork.Create(1, new() { Constants = MainlineConstants.OfWidth(k), ChecksSafety = safety });
        long built = Stopwatch.GetTimestamp();
        network.GrowIdeal(nodes);
        network.SetMaintenance(true);
        new ChurnPlan(network).Begin();
        TimeSpan build = Stopwatch.GetElapsedTime(built);
        for (int i = 0; i < nodes / 10; i++)
        {
            new Busy(network).Begin();
        }

        Measure(network, WarmUpSeconds);
        (double rpcs, double events, double virtualSeconds, double cpu) = Measure(network, seconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ours N={nodes} k={k} build={build.TotalSeconds:0.0}s events/s={events / cpu / 1e6:0.00}M rpc/s={rpcs / cpu / 1e3:0}k (per CPU second; wall {seconds:0}s, CPU {cpu:0.0}s) simtime/cpu={virtualSeconds / cpu:0.0} rss={Environment.WorkingSet / 1e6:0}MB bytes/node={Environment.WorkingSet / nodes}"));
        return 0;
    }

    private static (double Rpcs, double Events, double VirtualSeconds, double Cpu) Measure(KademliaNetwork network, double seconds)
    {
        long began = Stopwatch.GetTimestamp(), rpcs = network.Rpcs, events = network.Events;
        Instant at = network.Now;
        TimeSpan cpu = Cpu();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            network.Run(TimeSpan.FromMilliseconds(20));
        }

        return (network.Rpcs - rpcs, network.Events - events, (network.Now - at).TotalSeconds, (Cpu() - cpu).TotalSeconds);
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;

    /// <summary>Looks something up at a random node, and then again at another one.</summary>
    private sealed class Busy(KademliaNetwork network) : SilentObserver
    {
        public void Begin()
        {
            int node = network.Chance.NextBelow(network.Count);
            if (network.IsLive(node))
            {
                network.Do(node, (machine, now) => machine.FindNode(NodeIds.Random<Id160>(network.Chance), TimeSpan.Zero, this, now));
            }
            else
            {
                network.After(TimeSpan.FromMilliseconds(1), Begin);
            }
        }

        public override void OnCompleted(in OperationReport report) => network.After(TimeSpan.FromMilliseconds(1), Begin);
    }
}
