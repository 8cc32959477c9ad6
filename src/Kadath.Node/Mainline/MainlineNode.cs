using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// A running Mainline DHT node. Thread-safe: calls enqueue commands for the node's loop; completions, streams and events run on the pool,
/// never on the loop. Disposing stops the node, saving what a restart wants back.
/// </summary>
public sealed class MainlineNode : IAsyncDisposable
{
    /// <summary>
    /// Binds the sockets, loads the store and starts. Throws <see cref="KadathOptionsException"/> for options that cannot work and
    /// <see cref="BindException"/> for an address that cannot be had.
    /// </summary>
    public static Task<MainlineNode> StartAsync(MainlineNodeOptions? options = null, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>The bound endpoints, with the ports that were taken.</summary>
    public IReadOnlyList<Endpoint> Endpoints => throw new InvalidOperationException("not built yet");

    /// <summary>The present ids, one for each endpoint.</summary>
    public IReadOnlyList<Id160> Ids => throw new InvalidOperationException("not built yet");

    /// <summary>Ends when the node has stopped; faults if Kadath itself failed.</summary>
    public Task Completion => throw new InvalidOperationException("not built yet");

    /// <summary>Waits until some socket address has enough live contacts to work; false if <paramref name="timeout"/> comes first.</summary>
    public Task<bool> WaitForBootstrapAsync(TimeSpan timeout, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>A snapshot of now.</summary>
    public Task<MainlineStatus> GetStatusAsync(CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>What happens in the node, from now on. A reader slower than <paramref name="capacity"/> loses the oldest events, counted in the status.</summary>
    public IAsyncEnumerable<MainlineEvent> EventsAsync(int capacity = 1024, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Asks one endpoint whether it lives. A timeout of zero takes the default.</summary>
    public Task<PingResult> PingAsync(Endpoint endpoint, TimeSpan timeout = default, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Searches for the nodes closest to a target.</summary>
    public Task<FindNodeResult> FindNodeAsync(Id160 target, TimeSpan timeout = default, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Searches for the peers of a torrent, as a stream.</summary>
    public IOperationStream<Endpoint> GetPeersAsync(GetPeersRequest request, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Announces once.</summary>
    public Task<AnnounceResult> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Announces now and again, until disposed.</summary>
    public IMaintained MaintainAnnounce(AnnounceRequest request) => throw new InvalidOperationException("not built yet");

    /// <summary>Estimates seeds and downloaders of a torrent (BEP 33).</summary>
    public Task<ScrapeResult> ScrapeAsync(Id160 infoHash, TimeSpan timeout = default, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Stores an immutable item (BEP 44): canonical bencode of at most 1,000 bytes.</summary>
    public Task<PutResult> PutAsync(ReadOnlyMemory<byte> value, TimeSpan timeout = default, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Stores a mutable item (BEP 44), signed with its key.</summary>
    public Task<PutResult> PutAsync(MutablePut put, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Stores an immutable item now and again, until disposed.</summary>
    public IMaintained MaintainItem(ReadOnlyMemory<byte> value) => throw new InvalidOperationException("not built yet");

    /// <summary>Stores a mutable item now and again, until disposed; the sequence number must be given.</summary>
    public IMaintained MaintainItem(MutablePut put) => throw new InvalidOperationException("not built yet");

    /// <summary>Searches for an item; of a mutable one, for the highest sequence number.</summary>
    public Task<GetResult> GetAsync(GetRequest request, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Searches again and again for a mutable item, and gives each new value (BEP 46).</summary>
    public IOperationStream<FoundItem> FollowAsync(FollowRequest request, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Asks one node for a sample of the info-hashes it stores (BEP 51).</summary>
    public Task<SampleResult> SampleAsync(Endpoint endpoint, Id160 target, TimeSpan timeout = default, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Walks the network for samples, honouring each node's interval, until cancelled or disposed (BEP 51).</summary>
    public IOperationStream<SampleReply> IndexAsync(IndexRequest request, CancellationToken cancellationToken = default) => throw new InvalidOperationException("not built yet");

    /// <summary>Tells of a node that may be worth knowing (a PORT message, a torrent's "nodes"): it enters the table if it answers.</summary>
    public void AddNode(Endpoint endpoint) => throw new InvalidOperationException("not built yet");

    /// <summary>
    /// Offers a datagram that came in on a <see cref="SharedSocket"/>. True if it looks like KRPC and was taken, false if it is another protocol's.
    /// </summary>
    /// <param name="datagram">The payload; copied if taken.</param>
    /// <param name="from">Its source.</param>
    /// <param name="sharedSocket">The index of the socket in <see cref="MainlineNodeOptions.SharedSockets"/>.</param>
    public bool TryHandle(ReadOnlySpan<byte> datagram, Endpoint from, int sharedSocket = 0) => throw new InvalidOperationException("not built yet");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new InvalidOperationException("not built yet");
}
