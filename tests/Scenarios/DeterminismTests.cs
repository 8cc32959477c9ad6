using System.Diagnostics;
using System.Text.Json;
using Kadath.Simulator;
using Kadath.Simulator.Scenarios;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>One seed, one run, to the bit: whatever the process around it is like.</summary>
public sealed class DeterminismTests
{
    /// <summary>
    /// Fingerprints of three small runs. They change when a byte on the wire, an interval or an order of events changes: give the reason in the
    /// commit that changes them.
    /// </summary>
    [Theory]
    [InlineData("converge", 150, 0, "six-regions", "899bf22c8d88f84dd63ac6ce71f55886")]
    [InlineData("lookups", 120, 20, "six-regions", "e9aef7c657470e0304287ba9a61cdfe8")]
    [InlineData("lookups", 120, 8, "lossy", "e407d64b5dd331c188a59d860f540032")]
    public void A_run_has_its_golden_hash(string scenario, int nodes, int k, string rtt, string hash)
    {
        SimulationReport report = Run(new() { Scenario = scenario, Nodes = nodes, Seed = 42, K = k, Lookups = 50, Rtt = RttModel.Named(rtt)! });
        Assert.Empty(report.Failures);
        Assert.True(report.Events > 2_000, $"only {report.Events} events");
        Assert.Equal(hash, report.TraceHash);
    }

    [Fact]
    public void Another_seed_is_another_run()
    {
        ScenarioOptions options = new() { Scenario = "converge", Nodes = 50, Seed = 1 };
        string[] hashes = [Run(options).TraceHash, Run(options).TraceHash, Run(options with { Seed = 2 }).TraceHash];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public void One_changed_byte_of_one_reply_changes_the_hash()
    {
        Assert.Equal(Grown(corrupt: -1), Grown(corrupt: -1));
        Assert.NotEqual(Grown(corrupt: -1), Grown(corrupt: 40));
    }

    [Theory]
    [InlineData("DOTNET_TieredCompilation=0")]
    [InlineData("DOTNET_TieredPGO=0")]
    [InlineData("DOTNET_EnableHWIntrinsic=0")]
    [InlineData("DOTNET_gcServer=1")]
    [InlineData("LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0")]
    [InlineData("TZ=Pacific/Chatham")]
    public async Task The_program_gives_the_hash_of_the_test_in_whatever_environment(params string[] environment)
    {
        string expected = Run(new() { Scenario = "lookups", Nodes = 100, Seed = 7, K = 20, Lookups = 30 }).TraceHash;
        JsonElement report = await SimProgram.RunAsync(environment, "lookups", "--nodes", "100", "--seed", "7", "--k", "20", "--lookups", "30");
        Assert.Equal(expected, report.GetProperty("traceHash").GetString());
    }

    [Fact]
    public async Task The_program_gives_the_hash_beside_a_busy_process()
    {
        string expected = Run(new() { Scenario = "converge", Nodes = 100, Seed = 7 }).TraceHash;
        using var stop = new CancellationTokenSource();
        Task busy = Task.Run(() => SpinUntil(stop.Token), TestContext.Current.CancellationToken);
        JsonElement report = await SimProgram.RunAsync([], "converge", "--nodes", "100", "--seed", "7");
        await stop.CancelAsync();
        await busy;
        Assert.Equal(expected, report.GetProperty("traceHash").GetString());
    }

    private static void SpinUntil(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            Thread.SpinWait(1000);
        }
    }

    private static SimulationReport Run(ScenarioOptions options) => Replay.Run(options);

    private static string Grown(int corrupt)
    {
        var network = KademliaNetwork.Create(3);
        int seen = 0;
        network.Packets.Corrupts = (_, bytes) =>
        {
            // The version bytes of a reply: nobody reads them, and the trace must tell all the same.
            int at = bytes.IndexOf("1:v4:"u8);
            if (at >= 0 && seen++ == corrupt)
            {
                bytes[at + 5] ^= 1;
            }
        };
        network.Grow(30);
        Assert.True(seen > 40);
        return network.TraceHash;
    }
}
