using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Operations;

public sealed class SearchTests
{
    private static readonly Id160 Target = new(0x0123456789ABCDEF, 0x0123456789ABCDEF, 0x01234567);

    [Fact]
    public void Find_node_answers_with_the_eight_closest_of_the_network()
    {
        OperationNetwork net = new();
        Recorder found = net.Complete((dht, recorder) => dht.FindNode(Target, default, recorder, net.Now));
        Id160[] truth = [.. net.Network.Machines.Where(m => m != net.Asker).Select(m => m.Dht.StateOf(0).Id)];
        Array.Sort(truth, (a, b) => NodeIds.CompareDistance(Target, a, b));
        Id160[] answered = [.. found.Nodes.Where(n => n.Result == NodeResult.Answered).Select(n => n.Id)];
        Array.Sort(answered, (a, b) => NodeIds.CompareDistance(Target, a, b));
        Assert.Equal(truth[..8], answered[..8]);
        Assert.Equal(OperationEnd.Done, found.Report!.Value.End);
        Assert.InRange(found.Report.Value.Hops, 1, 6);
        Assert.True(found.Report.Value.Messages >= found.Report.Value.Answered);
        Assert.All(found.Nodes, n => Assert.Equal(TimeSpan.FromMilliseconds(20), n.RoundTrip));
    }

    [Fact]
    public void A_ping_tells_id_round_trip_version_and_how_the_peer_sees_us()
    {
        OperationNetwork net = new(nodes: 8);
        Recorder ping = net.Complete((dht, recorder) => dht.Ping(net.First, default, recorder, net.Now));
        NodeOutcome node = Assert.Single(ping.Nodes);
        Assert.Equal(NodeResult.Answered, node.Result);
        Assert.Equal(net.Network.Machines[0].Dht.StateOf(0).Id, node.Id);
        Assert.Equal(TimeSpan.FromMilliseconds(20), node.RoundTrip);
        Assert.Equal(net.Asker.Endpoints[0], node.External);
        Assert.NotEqual(0u, node.Version);
    }

    [Fact]
    public void A_ping_that_nobody_answers_is_tried_three_times_and_ends_in_time()
    {
        OperationNetwork net = new(nodes: 8);
        Endpoint nobody = Endpoint.V4(0x7F000001, 1);
        int sent = 0;
        net.Network.Watch = (_, to, _) => sent += to == nobody ? 1 : 0;
        Recorder ping = net.Complete((dht, recorder) => dht.Ping(nobody, TimeSpan.FromSeconds(3), recorder, net.Now), seconds: 3.1);
        Assert.Equal(NodeResult.TimedOut, Assert.Single(ping.Nodes).Result);
        Assert.Equal(OperationEnd.TimedOut, ping.Report!.Value.End);
        Assert.Equal(3, sent);
    }

    [Fact]
    public void What_no_socket_may_reach_is_not_sent()
    {
        OperationNetwork net = new(nodes: 8);
        Recorder ping = net.Complete((dht, recorder) => dht.Ping(Endpoint.V4(0x08080808, 53), default, recorder, net.Now));
        Assert.Equal(NodeResult.NotSent, Assert.Single(ping.Nodes).Result);
        Assert.Equal(OperationEnd.Refused, ping.Report!.Value.End);
    }

    [Fact]
    public void A_search_with_nobody_to_ask_ends_with_that_word()
    {
        TestNetwork network = new();
        TestMachine alone = network.Add("127.0.0.1:6881");
        var recorder = new Recorder();
        alone.Dht.FindNode(Target, default, recorder, network.Now);
        Assert.True(network.Run(TimeSpan.FromSeconds(70), () => recorder.IsDone));
        Assert.Equal(OperationEnd.NoNodes, recorder.Report!.Value.End);
    }

    [Fact]
    public void A_cancelled_operation_reports_once_and_late_answers_change_nothing()
    {
        OperationNetwork net = new();
        var recorder = new Recorder();
        OperationId id = net.Asker.Dht.FindNode(Target, default, recorder, net.Now);
        net.Network.Run(TimeSpan.FromMilliseconds(15));
        net.Asker.Dht.Cancel(id, net.Now);
        Assert.Equal(OperationEnd.Cancelled, recorder.Report!.Value.End);
        net.Network.Run(TimeSpan.FromSeconds(30));
        net.Asker.Dht.Cancel(id, net.Now);
    }

    [Fact]
    public void More_operations_than_the_bound_are_refused_and_the_others_end()
    {
        OperationNetwork net = new(nodes: 8);
        Recorder[] recorders = [.. Enumerable.Range(0, 600).Select(_ => new Recorder())];
        foreach (Recorder recorder in recorders)
        {
            net.Asker.Dht.FindNode(Target, default, recorder, net.Now);
        }

        Assert.True(net.Network.Run(TimeSpan.FromSeconds(120), () => recorders.All(r => r.IsDone)));
        Assert.Equal(600 - 512, recorders.Count(r => r.Report!.Value.End == OperationEnd.Refused));
    }
}
