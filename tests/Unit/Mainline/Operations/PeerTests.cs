using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Operations;

public sealed class PeerTests
{
    private static readonly Id160 Torrent = new(0xFEDCBA9876543210, 0x0123456789ABCDEF, 0x01234567);

    [Fact]
    public void An_announced_peer_is_found_by_others_once()
    {
        OperationNetwork net = new();
        Recorder announce = net.Complete((dht, recorder) => dht.Announce(new(Torrent, 5555), recorder, net.Now));
        Assert.Equal(8, announce.Report!.Value.Stored);
        Assert.Equal(8, announce.Count(NodeResult.Stored));

        Recorder search = Search(net, net.Network.Machines[3], new(Torrent));
        Assert.Equal(Endpoint.V4(0x7F000001, 5555), Assert.Single(search.Peers));
    }

    [Fact]
    public void Without_a_port_the_port_of_the_socket_is_announced()
    {
        OperationNetwork net = new();
        net.Complete((dht, recorder) => dht.Announce(new(Torrent, 0), recorder, net.Now));
        Recorder search = net.Complete((dht, recorder) => dht.GetPeers(new(Torrent), recorder, net.Now));
        Assert.Equal(net.Asker.Endpoints[0], Assert.Single(search.Peers));
    }

    [Fact]
    public void Seeds_are_left_out_where_only_downloaders_are_wanted()
    {
        OperationNetwork net = new();
        net.Complete((dht, recorder) => dht.Announce(new(Torrent, 5555, Seed: true), recorder, net.Now));
        Assert.Single(net.Complete((dht, recorder) => dht.GetPeers(new(Torrent), recorder, net.Now)).Peers);
        Assert.Empty(net.Complete((dht, recorder) => dht.GetPeers(new(Torrent, NoSeed: true), recorder, net.Now)).Peers);
    }

    [Fact]
    public void A_scrape_estimates_seeds_and_downloaders()
    {
        OperationNetwork net = new();
        TestMachine other = net.Network.Add("127.0.0.9:6998", new() { ReadOnly = true });
        other.Dht.SetRouters([net.First], net.Now);
        net.Network.Run(TimeSpan.FromSeconds(10));
        var announced = new Recorder();
        other.Dht.Announce(new(Torrent, 5556, Seed: true), announced, net.Now);
        Assert.True(net.Network.Run(TimeSpan.FromSeconds(60), () => announced.IsDone));
        net.Complete((dht, recorder) => dht.Announce(new(Torrent, 5555), recorder, net.Now));
        OperationReport report = net.Complete((dht, recorder) => dht.GetPeers(new(Torrent, Scrape: true), recorder, net.Now)).Report!.Value;
        Assert.InRange(report.Seeds, 0.9, 1.1);
        Assert.InRange(report.Peers, 0.9, 1.1);
    }

    [Fact]
    public void A_search_without_scrape_has_no_estimate()
    {
        OperationNetwork net = new(nodes: 8);
        OperationReport report = net.Complete((dht, recorder) => dht.GetPeers(new(Torrent), recorder, net.Now)).Report!.Value;
        Assert.Equal((-1, -1), (report.Seeds, report.Peers));
    }

    [Fact]
    public void An_announce_is_kept_up_until_it_is_cancelled()
    {
        OperationNetwork net = new();
        var kept = new Recorder();
        OperationId id = net.Asker.Dht.KeepAnnounced(new(Torrent, 5555), kept, net.Now);
        Assert.True(net.Network.Run(TimeSpan.FromMinutes(35), () => kept.Rounds.Count == 3));
        Assert.False(kept.IsDone);
        Assert.All(kept.Rounds, round => Assert.Equal(8, round.Stored));
        net.Asker.Dht.Cancel(id, net.Now);
        Assert.Equal(OperationEnd.Cancelled, kept.Report!.Value.End);
        net.Network.Run(TimeSpan.FromMinutes(35));
        Assert.Equal(3, kept.Rounds.Count);
    }

    [Fact]
    public void A_sample_names_the_info_hashes_that_a_node_holds()
    {
        OperationNetwork net = new(nodes: 8);
        net.Complete((dht, recorder) => dht.Announce(new(Torrent, 5555), recorder, net.Now));
        Recorder sample = net.Complete((dht, recorder) => dht.Sample(net.First, Torrent, default, recorder, net.Now));
        Assert.Equal((1, 1L), (Assert.Single(sample.Samples).Samples, sample.Samples[0].Total));
    }

    [Fact]
    public void The_indexer_visits_every_node_and_honours_its_interval()
    {
        OperationNetwork net = new();
        net.Complete((dht, recorder) => dht.Announce(new(Torrent, 5555), recorder, net.Now));
        var index = new Recorder();
        OperationId id = net.Asker.Dht.Index(new(), index, net.Now);
        net.Network.Run(TimeSpan.FromMinutes(10));
        net.Asker.Dht.Cancel(id, net.Now);
        Endpoint[] visited = [.. index.Samples.Select(s => s.From).Distinct()];
        Assert.Equal(24, visited.Length);
        Assert.Equal(8, index.Samples.Where(s => s.Samples == 1).Select(s => s.From).Distinct().Count());
        TimeSpan interval = index.Samples[0].Interval;
        int most = 1 + (int)(TimeSpan.FromMinutes(10) / (interval > TimeSpan.FromMinutes(1) ? interval : TimeSpan.FromMinutes(1)));
        Assert.All(visited, node => Assert.InRange(index.Samples.Count(s => s.From == node), 1, most));
    }

    private static Recorder Search(OperationNetwork net, TestMachine machine, GetPeersRequest request)
    {
        var recorder = new Recorder();
        machine.Dht.GetPeers(request, recorder, net.Now);
        Assert.True(net.Network.Run(TimeSpan.FromSeconds(70), () => recorder.IsDone));
        return recorder;
    }
}
