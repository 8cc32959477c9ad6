using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Mainline;

/// <summary>A node from start to stop, seen from outside.</summary>
public sealed class MainlineNodeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(UdpPumpKind.Batch)]
    [InlineData(UdpPumpKind.Portable)]
    public async Task A_node_answers_a_ping_with_its_id(UdpPumpKind pump)
    {
        Assert.SkipUnless(pump != UdpPumpKind.Batch || LinuxBatchPump.IsSupported, "batched UDP needs 64-bit Linux");
        MainlineNodeOptions options = LocalNodes.Options();
        MainlineNode node = await MainlineNode.StartAsync(options with { LoopOptions = options.LoopOptions with { Pump = pump } }, Cancellation);
        Endpoint endpoint = Assert.Single(node.Endpoints);
        Assert.NotEqual(0, endpoint.Port);
        using RawClient client = new();
        string reply = await client.AskAsync(endpoint, "ping", "");
        byte[] id = new byte[20];
        node.Ids[0].Write(id);
        Assert.Equal(System.Text.Encoding.Latin1.GetString(id), RawClient.Field(reply, "id"));
        await LocalNodes.StopAsync(node);
    }

    [Fact]
    public async Task A_node_of_both_families_answers_each_with_an_id_of_its_own()
    {
        MainlineNode node = await MainlineNode.StartAsync(LocalNodes.Options() with { Bind = [LocalNodes.AnyPortV4, LocalNodes.AnyPortV6] }, Cancellation);
        Assert.Equal(node.Endpoints[0].Port, node.Endpoints[1].Port);
        using RawClient v4 = new(), v6 = new(v6: true);
        string first = await v4.AskAsync(node.Endpoints[0], "ping", ""), second = await v6.AskAsync(node.Endpoints[1], "ping", "");
        Assert.NotEqual(RawClient.Field(first, "id"), RawClient.Field(second, "id"));
        await LocalNodes.StopAsync(node);
    }

    [Fact]
    public async Task Nodes_find_each_other_through_the_one_they_were_told_of()
    {
        MainlineNode[] nodes = await LocalNodes.NetworkAsync(5);
        foreach (MainlineNode node in nodes)
        {
            // Newcomers are verified at a fixed rate, so that nobody can make the node ping the world.
            bool met = await LocalNodes.EventuallyAsync(
                async () => (await node.GetStatusAsync(Cancellation)).Sockets[0].Contacts >= 4, TimeSpan.FromSeconds(30));
            int[] contacts = [.. await Task.WhenAll(nodes.Select(async one => (await one.GetStatusAsync(Cancellation)).Sockets[0].Contacts))];
            Assert.True(met, $"a node does not know the others: contacts {string.Join(' ', contacts)}");
        }

        await LocalNodes.StopAsync(nodes);
    }

    [Fact]
    public async Task Many_nodes_share_one_loop()
    {
        await using NodeLoop loop = NodeLoop.Start(new() { LoopbackOnly = true });
        MainlineNode[] nodes = await LocalNodes.NetworkAsync(20, (options, _) => options with { Loop = loop });
        for (int i = 0; i < nodes.Length; i++)
        {
            MainlineNode asked = nodes[(i + 7) % nodes.Length];
            PingResult ping = await nodes[i].PingAsync(asked.Endpoints[0], cancellationToken: Cancellation);
            Assert.Equal(asked.Ids[0], ping.Node!.Value.Id);
        }

        foreach (MainlineNode node in nodes)
        {
            await node.DisposeAsync();
        }

        Assert.False(loop.Completion.IsCompleted);
        Assert.Equal((0, 0), (loop.Traffic.SentOutsideLoopback, loop.Traffic.Withheld));
    }

    [Fact]
    public async Task Junk_is_not_answered_and_harms_nothing()
    {
        MainlineNode node = await MainlineNode.StartAsync(LocalNodes.Options(), Cancellation);
        using RawClient client = new();
        Random random = new(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] junk = new byte[random.Next(0, 1500)];
            random.NextBytes(junk);
            await client.SendAsync(node.Endpoints[0], junk);
        }

        bool taken = await LocalNodes.EventuallyAsync(async () => (await node.GetStatusAsync(Cancellation)).Traffic.Received == 300);
        Assert.True(taken, "junk was lost on the way");
        Assert.Equal(0, (await node.GetStatusAsync(Cancellation)).Traffic.Sent);
        await client.AskAsync(node.Endpoints[0], "ping", "");
        await LocalNodes.StopAsync(node);
    }

    [Fact]
    public async Task Stopping_takes_moments_ends_everything_and_frees_the_port()
    {
        MainlineNode node = await MainlineNode.StartAsync(LocalNodes.Options(), Cancellation);
        IAsyncEnumerable<MainlineEvent> events = node.EventsAsync(cancellationToken: Cancellation);
        Task reading = Task.Run(async () =>
        {
            await foreach (MainlineEvent _ in events)
            {
            }
        }, Cancellation);
        Stopwatch watch = Stopwatch.StartNew();
        await LocalNodes.StopAsync(node);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"took {watch.Elapsed}");
        await reading.WaitAsync(TimeSpan.FromSeconds(15), Cancellation);
        await node.Completion;
        using UdpClient again = new(new IPEndPoint(IPAddress.Loopback, node.Endpoints[0].Port));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => node.GetStatusAsync(Cancellation));
        await node.DisposeAsync();
    }

    [Fact]
    public async Task Options_that_cannot_work_are_explained()
    {
        KadathOptionsException hint = await Assert.ThrowsAsync<KadathOptionsException>(() =>
            MainlineNode.StartAsync(LocalNodes.Options() with { Bootstrap = ["router.example.org"] }, Cancellation));
        Assert.Contains("router.example.org", hint.Message, StringComparison.Ordinal);
        Assert.Contains("6881", hint.Hint, StringComparison.Ordinal);
        await Assert.ThrowsAsync<KadathOptionsException>(() => MainlineNode.StartAsync(LocalNodes.Options() with { Bind = [] }, Cancellation));
        await Assert.ThrowsAsync<KadathOptionsException>(() => MainlineNode.StartAsync(LocalNodes.Options() with { PutPatience = TimeSpan.Zero }, Cancellation));
        await Assert.ThrowsAsync<KadathOptionsException>(() => MainlineNode.StartAsync(LocalNodes.Options() with { Network = new() { MaxItems = 0 } }, Cancellation));
        await Assert.ThrowsAsync<KadathOptionsException>(() => MainlineNode.StartAsync(LocalNodes.Options() with { Network = new() { Paths = 9 } }, Cancellation));
        await Assert.ThrowsAsync<KadathOptionsException>(() => MainlineNode.StartAsync(LocalNodes.Options() with { Network = new() { TokenSecret = new byte[31] } }, Cancellation));
    }

    [Fact]
    public async Task A_port_in_use_is_a_bind_fault_and_leaves_nothing_behind()
    {
        using UdpClient taken = new(new IPEndPoint(IPAddress.Loopback, 0));
        Endpoint endpoint = LocalNodes.AnyPortV4.WithPort((ushort)((IPEndPoint)taken.Client.LocalEndPoint!).Port);
        BindException fault = await Assert.ThrowsAsync<BindException>(() => MainlineNode.StartAsync(LocalNodes.Options() with { Bind = [endpoint] }, Cancellation));
        Assert.Equal(endpoint, fault.Endpoint);
    }

    [Fact]
    public async Task A_socket_shared_with_another_protocol_serves_too()
    {
        using UdpClient owner = new(new IPEndPoint(IPAddress.Loopback, 0));
        Endpoint local = LocalNodes.AnyPortV4.WithPort((ushort)((IPEndPoint)owner.Client.LocalEndPoint!).Port);
        SharedSocket shared = new(local, (datagram, to) => owner.Send(datagram.Span, IPEndPoint.Parse(to.ToString())));
        MainlineNode node = await MainlineNode.StartAsync(LocalNodes.Options() with { Bind = [], SharedSockets = [shared] }, Cancellation);
        using RawClient client = new();
        Task<string> asked = client.AskAsync(local, "ping", "");
        UdpReceiveResult datagram = await owner.ReceiveAsync(Cancellation);
        Assert.False(node.TryHandle([0x01, 0x00, 0x12, 0x34], client.Local));
        Assert.True(node.TryHandle(datagram.Buffer, client.Local));
        Assert.NotNull(RawClient.Field(await asked, "id"));
        await LocalNodes.StopAsync(node);
    }
}
