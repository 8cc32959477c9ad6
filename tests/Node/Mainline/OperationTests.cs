using System.Text;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Mainline;

/// <summary>What a user asks of a node, between two nodes, over IPv4 and IPv6.</summary>
public abstract class OperationTests : IAsyncLifetime
{
    private static readonly Id160 InfoHash = new(0x0102030405060708, 0x090A0B0C0D0E0F10, 0x11121314);
    private MainlineNode _holder = null!;
    private MainlineNode _asker = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Endpoint Address { get; }

    public async ValueTask InitializeAsync()
    {
        MainlineNode[] nodes = await LocalNodes.NetworkAsync(2, (options, _) => options with { Bind = [Address] });
        (_holder, _asker) = (nodes[0], nodes[1]);
    }

    public async ValueTask DisposeAsync()
    {
        await LocalNodes.StopAsync(_asker, _holder);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_ping_tells_who_answered_and_how_fast()
    {
        PingResult ping = await _asker.PingAsync(_holder.Endpoints[0], cancellationToken: Cancellation);
        Assert.True(ping.Answered);
        Assert.Equal(_holder.Ids[0], ping.Node!.Value.Id);
        Assert.InRange(ping.Node.Value.RoundTrip, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(2));
        Assert.Equal(_asker.Endpoints[0], ping.Node.Value.External);
    }

    [Fact]
    public async Task A_ping_of_nobody_times_out()
    {
        PingResult ping = await _asker.PingAsync(Address.WithPort(1), TimeSpan.FromMilliseconds(300), Cancellation);
        Assert.False(ping.Answered);
    }

    [Fact]
    public async Task A_search_for_nodes_reports_who_answered_closest_first()
    {
        FindNodeResult found = await _asker.FindNodeAsync(InfoHash, cancellationToken: Cancellation);
        Assert.Contains(found.Nodes, node => node.Id == _holder.Ids[0]);
        Assert.True(found.Report is { Messages: >= 1, Hops: >= 1 });
        Assert.Equal(found.Nodes.OrderBy(node => Id160.Xor(node.Id, InfoHash).High).Select(node => node.Id), found.Nodes.Select(node => node.Id));
    }

    [Fact]
    public async Task An_announce_is_found_scraped_and_sampled()
    {
        AnnounceResult announce = await _asker.AnnounceAsync(new(InfoHash, 7777, Seed: true), Cancellation);
        // Of two nodes both are among the closest, so that the asker keeps a copy itself.
        Assert.Equal(2, announce.Accepted);
        Assert.Contains(announce.Nodes, node => node.Result == NodeResult.Stored && node.Id == _holder.Ids[0]);
        Assert.Contains(announce.Nodes, node => node.Result == NodeResult.Stored && node.Id == _asker.Ids[0] && node.Endpoint == _asker.Endpoints[0]);

        IOperationStream<Endpoint> stream = _asker.GetPeersAsync(new(InfoHash), Cancellation);
        List<Endpoint> peers = [];
        await foreach (Endpoint peer in stream)
        {
            peers.Add(peer);
        }

        Assert.Equal([Address.WithPort(7777)], peers);
        Assert.True((await stream.Completion).Answered >= 1);

        ScrapeResult scrape = await _asker.ScrapeAsync(InfoHash, cancellationToken: Cancellation);
        Assert.InRange(scrape.Seeds, 0.5, 1.5);
        Assert.InRange(scrape.Peers, 0, 0.5);

        SampleResult sample = await _asker.SampleAsync(_holder.Endpoints[0], InfoHash, cancellationToken: Cancellation);
        Assert.Contains(InfoHash, sample.Reply!.Samples);
        Assert.Equal(1, (await _holder.GetStatusAsync(Cancellation)).Counters.Announces);
    }

    [Fact]
    public async Task An_immutable_item_is_stored_and_found()
    {
        byte[] value = "12:Hello World!"u8.ToArray();
        PutResult put = await _asker.PutAsync(value, cancellationToken: Cancellation);
        Assert.Equal("e5f96f6f38320f0f33959cb4d3d656452117aadb", put.Target.ToString());
        Assert.Equal(2, put.Stored);
        GetResult got = await _asker.GetAsync(new(put.Target), Cancellation);
        Assert.Equal(value, got.Item!.Value.ToArray());
        Assert.Null(got.Item.Sequence);
    }

    [Fact]
    public async Task A_mutable_item_takes_the_next_number_each_time_and_is_verified()
    {
        using ItemKey key = ItemKey.Create();
        ReadOnlyMemory<byte> salt = "salt"u8.ToArray();
        PutResult first = await _asker.PutAsync(new MutablePut(key, "3:one"u8.ToArray()) { Salt = salt }, Cancellation);
        PutResult second = await _asker.PutAsync(new MutablePut(key, "3:two"u8.ToArray()) { Salt = salt }, Cancellation);
        Assert.Equal((2, 2), (first.Stored, second.Stored));
        Assert.Equal(first.Sequence + 1, second.Sequence);
        GetResult got = await _asker.GetAsync(new(first.Target, salt, Mutable: true), Cancellation);
        Assert.Equal("3:two", Encoding.ASCII.GetString(got.Item!.Value.Span));
        Assert.Equal(second.Sequence, got.Item.Sequence);
        Assert.Equal(key.PublicKey.ToArray(), got.Item.PublicKey.ToArray());
    }

    [Fact]
    public async Task A_put_with_an_old_number_or_a_wrong_cas_is_refused_by_name()
    {
        using ItemKey key = ItemKey.Create();
        MutablePut put = new(key, "3:one"u8.ToArray()) { Sequence = 5 };
        Assert.Equal(2, (await _asker.PutAsync(put, Cancellation)).Stored);
        PutResult old = await _asker.PutAsync(put with { Sequence = 4, Value = "3:two"u8.ToArray() }, Cancellation);
        Assert.Equal(0, old.Stored);
        Assert.Equal([302, 302], old.Nodes.Select(node => node.ErrorCode));
        PutResult swap = await _asker.PutAsync(put with { Sequence = 6, Cas = 3, Value = "3:two"u8.ToArray() }, Cancellation);
        Assert.Equal(0, swap.Stored);
        Assert.Equal([301, 301], swap.Nodes.Select(node => node.ErrorCode));
        Assert.Equal(2, (await _asker.PutAsync(put with { Sequence = 6, Cas = 5, Value = "3:two"u8.ToArray() }, Cancellation)).Stored);
    }

    [Fact]
    public async Task What_is_kept_up_is_announced_at_once_and_ends_when_disposed()
    {
        await using IMaintained maintained = _asker.MaintainAnnounce(new(InfoHash, 8888));
        OperationReport report = await maintained.FirstRound.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.Equal(2, report.Stored);
        Assert.Equal(1, maintained.Rounds);
        await maintained.DisposeAsync();
    }

    [Fact]
    public async Task A_follower_sees_each_new_value()
    {
        using ItemKey key = ItemKey.Create();
        await _asker.PutAsync(new MutablePut(key, "3:one"u8.ToArray()), Cancellation);
        IOperationStream<FoundItem> stream = _asker.FollowAsync(new(key.PublicKey, default, TimeSpan.FromSeconds(1)), Cancellation);
        List<string> seen = [];
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        await foreach (FoundItem item in stream.WithCancellation(patience.Token))
        {
            seen.Add(Encoding.ASCII.GetString(item.Value.Span));
            if (seen.Count == 2)
            {
                break;
            }

            await _asker.PutAsync(new MutablePut(key, "3:two"u8.ToArray()), Cancellation);
        }

        Assert.Equal(["3:one", "3:two"], seen);
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_search_throws_and_the_node_goes_on()
    {
        using CancellationTokenSource cancelled = new();
        Task<PingResult> ping = _asker.PingAsync(Address.WithPort(1), TimeSpan.FromSeconds(20), cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping.WaitAsync(TimeSpan.FromSeconds(5)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _asker.FindNodeAsync(InfoHash, cancellationToken: cancelled.Token));
        Assert.True((await _asker.PingAsync(_holder.Endpoints[0], cancellationToken: Cancellation)).Answered);
    }

    [Fact]
    public async Task Misuse_fails_the_call_and_not_the_node()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _asker.PutAsync(new byte[1001], cancellationToken: Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _asker.PutAsync("not bencode"u8.ToArray(), cancellationToken: Cancellation));
        Assert.True((await _asker.PingAsync(_holder.Endpoints[0], cancellationToken: Cancellation)).Answered);
    }

    [Fact]
    public async Task A_reader_of_events_that_is_slow_loses_the_oldest_and_it_is_counted()
    {
        IAsyncEnumerable<MainlineEvent> events = _asker.EventsAsync(capacity: 2, Cancellation);
        for (int i = 0; i < 10; i++)
        {
            await _asker.FindNodeAsync(InfoHash, cancellationToken: Cancellation);
        }

        long lost = (await _asker.GetStatusAsync(Cancellation)).EventsLost;
        Assert.True(lost > 0);
        int read = 0;
        await foreach (MainlineEvent _ in events)
        {
            if (++read == 2)
            {
                break;
            }
        }
    }
}

/// <summary>The operations over IPv4.</summary>
public sealed class OperationsOverIPv4Tests : OperationTests
{
    private protected override Endpoint Address => LocalNodes.AnyPortV4;
}

/// <summary>The operations over IPv6.</summary>
public sealed class OperationsOverIPv6Tests : OperationTests
{
    private protected override Endpoint Address => LocalNodes.AnyPortV6;
}
