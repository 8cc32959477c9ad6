using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

// The operations of the network, as tasks and streams.
public sealed partial class MainlineNode
{
    /// <summary>Asks one endpoint whether it lives. A timeout of zero takes the default.</summary>
    public async Task<PingResult> PingAsync(Endpoint endpoint, TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        OperationObserver observer = new();
        OperationReport report = await RunAsync(observer, (dht, now) => dht.Ping(endpoint, timeout, observer, now), cancellationToken).ConfigureAwait(false);
        return new(observer.Outcomes is [.., NodeOutcome last] ? last : null, report);
    }

    /// <summary>Searches for the nodes closest to a target.</summary>
    public async Task<FindNodeResult> FindNodeAsync(Id160 target, TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        OperationObserver observer = new();
        OperationReport report = await RunAsync(observer, (dht, now) => dht.FindNode(target, timeout, observer, now), cancellationToken).ConfigureAwait(false);
        NodeOutcome[] answered = [.. observer.Outcomes
            .Where(outcome => outcome.Result == NodeResult.Answered)
            .OrderBy(outcome => Id160.Xor(outcome.Id, target), Comparer<Id160>.Create((a, b) => Id160.Compare(a, b)))];
        return new(target, answered, observer.Outcomes, report);
    }

    /// <summary>Searches for the peers of a torrent, as a stream. The search begins with the call.</summary>
    public IOperationStream<Endpoint> GetPeersAsync(GetPeersRequest request, CancellationToken cancellationToken = default) =>
        Begin(new PeerStream(cancellationToken), stream => (dht, now) => dht.GetPeers(request, stream, now), cancellationToken);

    /// <summary>Announces once.</summary>
    public async Task<AnnounceResult> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken = default)
    {
        OperationObserver observer = new();
        OperationReport report = await RunAsync(observer, (dht, now) => dht.Announce(request, observer, now), cancellationToken).ConfigureAwait(false);
        return new(report.Stored, StoreOutcomes(observer), report);
    }

    /// <summary>Announces now and again, until disposed.</summary>
    public IMaintained MaintainAnnounce(AnnounceRequest request) =>
        Maintain(observer => (dht, now) => dht.KeepAnnounced(request, observer, now));

    /// <summary>Estimates seeds and downloaders of a torrent (BEP 33).</summary>
    public async Task<ScrapeResult> ScrapeAsync(Id160 infoHash, TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        OperationObserver observer = new();
        GetPeersRequest request = new(infoHash, Scrape: true, Timeout: timeout);
        OperationReport report = await RunAsync(observer, (dht, now) => dht.GetPeers(request, observer, now), cancellationToken).ConfigureAwait(false);
        return new(report.Seeds, report.Peers, report.Answered, report);
    }

    /// <summary>Stores an immutable item (BEP 44): canonical bencode of at most 1,000 bytes. Throws <see cref="ArgumentException"/> for a longer one.</summary>
    public async Task<PutResult> PutAsync(ReadOnlyMemory<byte> value, TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        SignedItem item = Immutable(value);
        OperationObserver observer = new();
        PutRequest request = new(ItemRules.TargetOf(value.Span), default, Mutable: false, item, timeout);
        OperationReport report = await RunAsync(observer, (dht, now) => dht.Put(request, observer, now), cancellationToken).ConfigureAwait(false);
        return new(request.Target, null, report.Stored, StoreOutcomes(observer), report);
    }

    /// <summary>
    /// Stores a mutable item (BEP 44), signed with its key off the loop. Without a sequence number it takes the highest that was found, plus one.
    /// </summary>
    public async Task<PutResult> PutAsync(MutablePut put, CancellationToken cancellationToken = default)
    {
        Check(put);
        long? used = put.Sequence;
        OperationObserver observer = null!;
        observer = new()
        {
            Sign = highest =>
            {
                long sequence = put.Sequence ?? (highest < 0 ? 1 : highest + 1);
                used = sequence;
                _member.Provide(observer, put.Key.Sign(put.Value, put.Salt, sequence, put.Cas));
            },
        };
        SignedItem? item = put.Sequence is { } given ? put.Key.Sign(put.Value, put.Salt, given, put.Cas) : null;
        PutRequest request = new(put.Key.TargetOf(put.Salt.Span), put.Salt, Mutable: true, item, put.Timeout);
        OperationReport report = await RunAsync(observer, (dht, now) => dht.Put(request, observer, now), cancellationToken).ConfigureAwait(false);
        return new(request.Target, used, report.Stored, StoreOutcomes(observer), report);
    }

    /// <summary>Stores an immutable item now and again, until disposed.</summary>
    public IMaintained MaintainItem(ReadOnlyMemory<byte> value)
    {
        SignedItem item = Immutable(value);
        return Maintain(observer => (dht, now) => dht.KeepPublished(item, observer, now));
    }

    /// <summary>Stores a mutable item now and again, until disposed; the sequence number must be given.</summary>
    public IMaintained MaintainItem(MutablePut put)
    {
        Check(put);
        long sequence = put.Sequence ?? throw new ArgumentException("a maintained item needs its sequence number", nameof(put));
        SignedItem item = put.Key.Sign(put.Value, put.Salt, sequence, put.Cas);
        return Maintain(observer => (dht, now) => dht.KeepPublished(item, observer, now));
    }

    /// <summary>Searches for an item; of a mutable one, for the highest sequence number.</summary>
    public async Task<GetResult> GetAsync(GetRequest request, CancellationToken cancellationToken = default)
    {
        OperationObserver observer = new();
        OperationReport report = await RunAsync(observer, (dht, now) => dht.Get(request, observer, now), cancellationToken).ConfigureAwait(false);
        return new(request.Target, observer.Item, report);
    }

    /// <summary>Searches again and again for a mutable item, and gives each new value (BEP 46), until cancelled or disposed.</summary>
    public IOperationStream<FoundItem> FollowAsync(FollowRequest request, CancellationToken cancellationToken = default) =>
        Begin(new ItemStream(cancellationToken), stream => (dht, now) => dht.Follow(request, stream, now), cancellationToken);

    /// <summary>Asks one node for a sample of the info-hashes it stores (BEP 51).</summary>
    public async Task<SampleResult> SampleAsync(Endpoint endpoint, Id160 target, TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        OperationObserver observer = new();
        OperationReport report = await RunAsync(observer, (dht, now) => dht.Sample(endpoint, target, timeout, observer, now), cancellationToken).ConfigureAwait(false);
        return new(observer.Sample, observer.Outcomes is [.., NodeOutcome last] ? last : null, report);
    }

    /// <summary>Walks the network for samples, honouring each node's interval, until cancelled or disposed (BEP 51).</summary>
    public IOperationStream<SampleReply> IndexAsync(IndexRequest request, CancellationToken cancellationToken = default) =>
        Begin(new SampleStream(cancellationToken), stream => (dht, now) => dht.Index(request, stream, now), cancellationToken);

    private static NodeOutcome[] StoreOutcomes(OperationObserver observer) =>
        // Of each node the last word counts: that it answered the search says nothing about the store.
        [.. observer.Outcomes.Where(outcome => outcome.Result != NodeResult.Answered)];

    private static SignedItem Immutable(ReadOnlyMemory<byte> value)
    {
        CheckValue(value);
        return new(value, default, default, 0, default);
    }

    private static void CheckValue(ReadOnlyMemory<byte> value)
    {
        if (value.Length is 0 or > ItemRules.MaxValue)
        {
            throw new ArgumentException($"a value has 1 to {ItemRules.MaxValue} bytes of bencode, not {value.Length}", nameof(value));
        }

        if (!BencodeReader.IsCanonical(value.Span))
        {
            throw new ArgumentException("a value is one canonical bencoded value: a string is its length, a colon and its bytes", nameof(value));
        }
    }

    private static void Check(MutablePut put)
    {
        CheckValue(put.Value);
        if (put.Salt.Length > ItemRules.MaxSalt)
        {
            throw new ArgumentException($"a salt has at most {ItemRules.MaxSalt} bytes, not {put.Salt.Length}", nameof(put));
        }
    }

    private async Task<OperationReport> RunAsync(
        OperationObserver observer, MainlineMember.Beginning begin, CancellationToken cancellation, [CallerMemberName] string name = "")
    {
        using Activity? activity = NodeTelemetry.Activities.StartActivity(name);
        _member.Start(observer, begin, cancellation);
        OperationReport report = await observer.Completion.ConfigureAwait(false);
        NodeTelemetry.Finish(activity, report);
        if (report.End == OperationEnd.Cancelled)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return report;
    }

    private OperationStream<T> Begin<T>(OperationStream<T> stream, Func<OperationStream<T>, MainlineMember.Beginning> begin, CancellationToken cancellation)
    {
        stream.Cancel = () => _member.Cancel(stream);
        _member.Start(stream, begin(stream), cancellation);
        return stream;
    }

    private Maintained Maintain(Func<Maintained, MainlineMember.Beginning> begin)
    {
        Maintained maintained = new();
        maintained.Cancel = () => _member.Cancel(maintained);
        _member.Start(maintained, begin(maintained), CancellationToken.None);
        return maintained;
    }
}
