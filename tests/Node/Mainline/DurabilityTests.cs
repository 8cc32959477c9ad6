using System.Diagnostics;
using Kadath.Kademlia.Storage;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Kadath.Tests.Node.Persistence;
using Xunit;

namespace Kadath.Tests.Node.Mainline;

/// <summary>A node and its store: restarts, slow disks, broken disks.</summary>
public sealed class DurabilityTests
{
    private const string Value = "12:Hello World!";
    private const string Target = "\xe5\xf9\x6f\x6f\x38\x32\x0f\x0f\x33\x95\x9c\xb4\xd3\xd6\x56\x45\x21\x17\xaa\xdb";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_keeps_id_port_items_announces_and_contacts()
    {
        FaultyStore store = new();
        MainlineNode neighbour = await MainlineNode.StartAsync(LocalNodes.Options(), Cancellation);
        MainlineNode node = await StartAsync(store, neighbour.Endpoints[0]);
        Assert.True(await node.WaitForBootstrapAsync(TimeSpan.FromSeconds(20), Cancellation));
        (Endpoint endpoint, Id160 id) = (node.Endpoints[0], node.Ids[0]);
        using RawClient client = new();
        Assert.Contains("1:y1:r", await PutAsync(client, endpoint), StringComparison.Ordinal);
        await AnnounceAsync(client, endpoint);
        await LocalNodes.StopAsync(node);

        MainlineNode again = await StartAsync(store);
        Assert.Equal((endpoint, id), (again.Endpoints[0], again.Ids[0]));
        Assert.Contains($"1:v{Value}", await client.AskAsync(endpoint, "get", $"6:target20:{Target}"), StringComparison.Ordinal);
        Assert.Contains("6:valuesl6:\x7f\0\0\x01\x12\x34", await client.AskAsync(endpoint, "get_peers", $"9:info_hash20:{Target}"), StringComparison.Ordinal);
        MainlineStatus status = await again.GetStatusAsync(Cancellation);
        Assert.Equal((StoreMode.Durable, 1, 1), (status.Store.Mode, status.Counters.Items, status.Counters.Announces));
        bool known = await LocalNodes.EventuallyAsync(async () => (await again.GetStatusAsync(Cancellation)).Sockets[0].Contacts > 0);
        Assert.True(known, "the saved contacts were not used");
        await LocalNodes.StopAsync(again, neighbour);
    }

    [Fact]
    public async Task A_slow_disk_refuses_puts_in_time_and_stalls_no_other_reply()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(250), new MainlineNodeOptions().PutPatience);
        // As patient as may be, so that a busy machine has the time to show that other replies come before.
        FaultyStore store = new();
        MainlineNode node = await MainlineNode.StartAsync(
            LocalNodes.Options() with { OpenStore = store.Open, PutPatience = TimeSpan.FromSeconds(2) }, Cancellation);
        store.DelayMilliseconds = 6000;
        using RawClient client = new(), other = new();
        Stopwatch watch = Stopwatch.StartNew();
        Task<string> put = PutAsync(client, node.Endpoints[0]);
        for (int i = 0; i < 10; i++)
        {
            await other.AskAsync(node.Endpoints[0], "ping", "");
        }

        Assert.False(put.IsCompleted, "the put was answered before it can have been written");
        string reply = await put;
        Assert.Contains("1:eli202e", reply, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(5.9));
        store.DelayMilliseconds = 0;
        bool works = await LocalNodes.EventuallyAsync(async () => (await PutAsync(client, node.Endpoints[0])).Contains("1:y1:r", StringComparison.Ordinal));
        Assert.True(works, "the node did not recover");
        await LocalNodes.StopAsync(node);
    }

    [Fact]
    public async Task A_broken_disk_is_declared_and_the_node_serves_from_memory()
    {
        FaultyStore store = new();
        MainlineNode node = await StartAsync(store);
        using RawClient client = new();
        store.Broken = true;
        string refused = await PutAsync(client, node.Endpoints[0]);
        Assert.Contains("1:eli202e", refused, StringComparison.Ordinal);
        // The refusal may be for the time that it took, and the alarm come a moment later.
        Assert.True(await LocalNodes.EventuallyAsync(async () => (await node.GetStatusAsync(Cancellation)).Store.Mode == StoreMode.Degraded));
        StoreStatus broken = (await node.GetStatusAsync(Cancellation)).Store;
        Assert.Contains("no space left", broken.Alarm, StringComparison.Ordinal);
        Assert.Contains("1:y1:r", await PutAsync(client, node.Endpoints[0]), StringComparison.Ordinal);
        Assert.Contains($"1:v{Value}", await client.AskAsync(node.Endpoints[0], "get", $"6:target20:{Target}"), StringComparison.Ordinal);
        store.Broken = false;
        Assert.True(await LocalNodes.EventuallyAsync(async () => (await node.GetStatusAsync(Cancellation)).Store.Mode == StoreMode.Durable));
        await LocalNodes.StopAsync(node);
    }

    [Fact]
    public async Task What_was_stored_while_the_disk_was_broken_outlives_a_restart_after_it()
    {
        FaultyStore store = new();
        MainlineNode node = await StartAsync(store);
        using RawClient client = new();
        store.Broken = true;
        await PutAsync(client, node.Endpoints[0]);
        Assert.True(await LocalNodes.EventuallyAsync(async () => (await node.GetStatusAsync(Cancellation)).Store.Mode == StoreMode.Degraded));
        await AnnounceAsync(client, node.Endpoints[0]);
        store.Broken = false;
        Assert.True(await LocalNodes.EventuallyAsync(async () => (await node.GetStatusAsync(Cancellation)).Store is { Mode: StoreMode.Durable, Alarm: null }));
        await LocalNodes.StopAsync(node);

        MainlineNode again = await StartAsync(store);
        MainlineStatus status = await again.GetStatusAsync(Cancellation);
        Assert.Equal((1, 1), (status.Counters.Items, status.Counters.Announces));
        await LocalNodes.StopAsync(again);
    }

    [Fact]
    public async Task A_store_that_opens_only_after_the_start_is_served_then_beside_what_came_before()
    {
        FaultyStore store = new();
        MainlineNode node = await StartAsync(store);
        using RawClient client = new();
        await PutAsync(client, node.Endpoints[0]);
        await AnnounceAsync(client, node.Endpoints[0]);
        await LocalNodes.StopAsync(node);
        store.Broken = true;
        MainlineNode again = await StartAsync(store);
        using RawClient other = new();
        await AnnounceAsync(other, again.Endpoints[0], "another info-hash...");
        Assert.Equal((StoreMode.Degraded, 0), ((await again.GetStatusAsync(Cancellation)).Store.Mode, (await again.GetStatusAsync(Cancellation)).Counters.Items));
        store.Broken = false;
        Assert.True(await LocalNodes.EventuallyAsync(async () => (await again.GetStatusAsync(Cancellation)).Store is { Mode: StoreMode.Durable, Alarm: null }));
        Assert.Contains($"1:v{Value}", await client.AskAsync(again.Endpoints[0], "get", $"6:target20:{Target}"), StringComparison.Ordinal);
        Assert.Equal(2, (await again.GetStatusAsync(Cancellation)).Counters.Announces);
        await LocalNodes.StopAsync(again);
        Assert.Equal((2, 1), (store.Text("mainline/announces").Length, store.Text("node/ports").Length));
    }

    [Fact]
    public async Task A_node_whose_store_cannot_be_opened_starts_without_it_and_says_so()
    {
        MainlineNode node = await MainlineNode.StartAsync(
            LocalNodes.Options() with { OpenStore = () => throw new RecordStoreException("the disk is on fire") }, Cancellation);
        StoreStatus status = (await node.GetStatusAsync(Cancellation)).Store;
        Assert.Equal(StoreMode.Degraded, status.Mode);
        Assert.Contains("on fire", status.Alarm, StringComparison.Ordinal);
        await LocalNodes.StopAsync(node);
    }

    private static Task<MainlineNode> StartAsync(FaultyStore store, params Endpoint[] bootstrap) =>
        MainlineNode.StartAsync(LocalNodes.Options(bootstrap) with { OpenStore = store.Open }, Cancellation);

    private static async Task AnnounceAsync(RawClient client, Endpoint to, string infoHash = Target)
    {
        string permit = RawClient.Field(await client.AskAsync(to, "get_peers", $"9:info_hash20:{infoHash}"), "token")!;
        Assert.Contains("1:y1:r", await client.AskAsync(to, "announce_peer", $"9:info_hash20:{infoHash}4:porti4660e5:token{permit.Length}:{permit}"), StringComparison.Ordinal);
    }

    private static async Task<string> PutAsync(RawClient client, Endpoint to)
    {
        string token = RawClient.Field(await client.AskAsync(to, "get", $"6:target20:{Target}"), "token")!;
        return await client.AskAsync(to, "put", $"5:token{token.Length}:{token}1:v{Value}");
    }
}
