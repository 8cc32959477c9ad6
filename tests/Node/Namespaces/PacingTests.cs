using System.Diagnostics;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>What one global address is sent: queries of ours at a pace that no client takes amiss, replies as often as it asks.</summary>
[Collection(nameof(NamespaceLab))]
public sealed class PacingTests(NamespaceLab lab)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_global_address_gets_ten_queries_at_once_then_two_a_second_over_all_its_ports(bool silent)
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9");
        RawPeer[] ports = RawPeer.At(lab.Space("peers"), Enumerable.Repeat(silent ? "44.62.1.1" : "44.62.2.1", 4));
        Array.ForEach(ports, peer => peer.Silent = silent);
        await using HostedNode node = await home.Host.StartAsync(["45.32.7.9:0"], []);
        Task<int> pings = node.PingAsync(Enumerable.Range(0, 40).Select(i => ports[i % 4].Local), 4);
        await Task.Delay(TimeSpan.FromSeconds(3.7), TestContext.Current.CancellationToken);
        DateTime[] times = [.. ports.SelectMany(peer => peer.Received).Where(datagram => datagram.IsQuery).Select(datagram => datagram.At).Order()];
        Assert.True(times.Length >= 15, $"only {times.Length} queries came");
        for (int i = 10; i < times.Length; i++)
        {
            // The i-th leaves (i − 9) half seconds after the first at the earliest; arrivals waver by what the machine is busy with.
            double least = (0.5 * (i - 9)) - 0.75;
            Assert.True((times[i] - times[0]).TotalSeconds >= least, $"query {i} came after {(times[i] - times[0]).TotalSeconds:F2} s");
        }

        Assert.InRange(await pings, silent ? 0 : 10, silent ? 0 : 21);
        Array.ForEach(ports, peer => peer.Dispose());
    }

    [Fact]
    public async Task Replies_are_not_paced()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9");
        RawPeer asker = RawPeer.At(lab.Space("peers"), "44.62.3.1");
        await using HostedNode node = await home.Host.StartAsync(["45.32.7.9:0"], []);
        await asker.AskAsync(node.Only, "ping");
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < 10; i++)
        {
            // No more at once than the kernel keeps for a process that waits for its turn.
            await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => asker.AskAsync(node.Only, "ping", "", 10)));
        }

        // At the pace of queries they would take 145 s.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"300 replies took {watch.Elapsed}");
        asker.Dispose();
    }

    [Fact]
    public async Task In_exempt_scopes_each_port_is_paced_by_itself()
    {
        lab.Require();
        RawPeer[] ports = RawPeer.At(lab.Space("a"), Enumerable.Repeat("127.0.0.1", 4));
        await using HostedNode node = await lab.Space("a").Host.StartAsync(["127.0.0.1:0"], []);
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal(40, await node.PingAsync(Enumerable.Range(0, 40).Select(i => ports[i % 4].Local)));
        // At the pace of one address they would take 15 s.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(12), $"took {watch.Elapsed}");
        Array.ForEach(ports, peer => peer.Dispose());
    }
}
