using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// A running Mainline DHT node. Thread-safe: calls enqueue commands for the node's loop; completions, streams and events run on the pool,
/// never on the loop. Disposing stops the node, saving what a restart wants back.
/// </summary>
public sealed partial class MainlineNode : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    private readonly NodeLoop _loop;
    private readonly bool _ownsLoop;
    private readonly MainlineNodeOptions _options;
    private readonly MainlineMember _member;
    private readonly StoreWriter? _writer;
    private readonly string[] _routers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _resolving;
    private readonly Task _logging;
    private readonly NetworkWatch? _watch;
    private int _disposed;

    private MainlineNode(NodeLoop loop, MainlineNodeOptions options, MainlineStarter started, BootstrapPlan plan)
    {
        _loop = loop;
        _ownsLoop = options.Loop is null;
        _options = options;
        _member = started.Member;
        _writer = started.Writer;
        _routers = [.. plan.Hosts.Select(host => host.ToString()).Distinct()];
        BootstrapResolver resolver = new(plan, found => _member.Tell((dht, now) => dht.SetRouters(found, now)));
        _resolving = Task.Run(() => resolver.RunAsync(_stopping.Token));
        NodeTelemetry.Add(this);
        _logging = options.Logger is { } logger ? Task.Run(() => MainlineLogger.RunAsync(this, logger, _stopping.Token)) : Task.CompletedTask;
        _watch = _member.Endpoints.All(local => local.Scope == AddressScope.Loopback) ? null : new(TellNetworkChanged, TimeProvider.System);
    }

    /// <summary>The bound endpoints, with the ports that were taken: those of the options first, then the shared ones.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _member.Endpoints;

    /// <summary>The present ids, one for each endpoint.</summary>
    public IReadOnlyList<Id160> Ids => _member.Ids;

    /// <summary>Ends when the node has stopped; faults if Kadath itself failed.</summary>
    public Task Completion => _member.Ended;

    /// <summary>
    /// Binds the sockets, loads the store and starts. Throws <see cref="KadathOptionsException"/> for options that cannot work and
    /// <see cref="BindException"/> for an address that cannot be had.
    /// </summary>
    public static async Task<MainlineNode> StartAsync(MainlineNodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        OptionsCheck.Validate(options);
        cancellationToken.ThrowIfCancellationRequested();
        NodeLoop loop = options.Loop ?? NodeLoop.Start(options.LoopOptions);
        try
        {
            BootstrapPlan plan = BootstrapPlan.Of(options);
            MainlineStarter starter = new(loop, options);
            Endpoint[] literals = new BootstrapResolver(plan, _ => { }).Literals;
            await Task.Run(() => starter.StartAsync(plan, literals), cancellationToken).ConfigureAwait(false);
            return new(loop, options, starter, plan);
        }
        catch
        {
            if (options.Loop is null)
            {
                await loop.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>Waits until some socket address has enough live contacts to work; false if <paramref name="timeout"/> comes first.</summary>
    public async Task<bool> WaitForBootstrapAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        try
        {
            await _member.Bootstrapped.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The node has stopped before.
            return false;
        }
    }

    /// <summary>A snapshot of now.</summary>
    public Task<MainlineStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        _loop.InvokeAsync(_member.Slot, now => _member.Snapshot(_routers, now)).WaitAsync(cancellationToken);

    /// <summary>
    /// What happens in the node, from the call on. A reader slower than <paramref name="capacity"/> loses the oldest events, counted in the status.
    /// </summary>
    public IAsyncEnumerable<MainlineEvent> EventsAsync(int capacity = 1024, CancellationToken cancellationToken = default)
    {
        ChannelReader<MainlineEvent> reader = _member.Events.Subscribe(capacity);
        return ReadAsync(reader, cancellationToken);
    }

    /// <summary>Tells of a node that may be worth knowing (a PORT message, a torrent's "nodes"): it enters the table if it answers.</summary>
    public void AddNode(Endpoint endpoint) => _member.Tell((dht, now) => dht.AddNode(endpoint, now));

    /// <summary>
    /// Offers a datagram that came in on a <see cref="SharedSocket"/>. True if it looks like KRPC and was taken, false if it is another protocol's.
    /// </summary>
    /// <param name="datagram">The payload; copied if taken.</param>
    /// <param name="from">Its source.</param>
    /// <param name="sharedSocket">The index of the socket in <see cref="MainlineNodeOptions.SharedSockets"/>.</param>
    public bool TryHandle(ReadOnlySpan<byte> datagram, Endpoint from, int sharedSocket = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sharedSocket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sharedSocket, _options.SharedSockets.Count);
        // A KRPC message is one bencoded dictionary with a key of one character first; uTP begins with a byte of version 1 (0x01, 0x11, …).
        bool krpc = datagram.Length <= DatagramLimits.ReceiveSlot && datagram is [(byte)'d', >= (byte)'1' and <= (byte)'9', .., (byte)'e'];
        return krpc && _member.Offer(_options.Bind.Count + sharedSocket, datagram, from);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _member.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        _watch?.Dispose();
        NodeTelemetry.Remove(this);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await ((Task)_loop.InvokeAsync(_member.Slot, Stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _resolving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _logging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_writer is { } writer)
        {
            await Task.Run(() => writer.Stop(StopPatience)).ConfigureAwait(false);
        }

        if (_ownsLoop)
        {
            await _loop.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private bool Stop(Kadath.Primitives.Instant now)
    {
        _member.Stop(now);
        return true;
    }

    private void TellNetworkChanged() => _member.Tell((dht, now) =>
    {
        for (int socket = 0; socket < dht.SocketCount; socket++)
        {
            dht.NetworkChanged(socket, now);
        }
    });

    private async IAsyncEnumerable<MainlineEvent> ReadAsync(ChannelReader<MainlineEvent> reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (MainlineEvent happened in reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return happened;
            }
        }
        finally
        {
            _member.Events.Unsubscribe(reader);
        }
    }
}
