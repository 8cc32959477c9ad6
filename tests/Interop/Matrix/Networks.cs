using System.Collections.Concurrent;
using System.Net;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>Kadath's place in a mixed network.</summary>
internal enum Role
{
    /// <summary>Everybody joined through Kadath.</summary>
    Bootstrap,

    /// <summary>The peer knows the network only through Kadath, which knows it only through another implementation.</summary>
    Middle,

    /// <summary>Kadath knows the network only through the peer.</summary>
    Leaf,
}

/// <summary>
/// A mixed network on loopback, one node of each implementation on an address of its own. The far end of every check is another
/// implementation, so that what one of them stores has to pass through the network.
/// </summary>
internal sealed class Networks : IAsyncDisposable
{
    private const int ExtraNodes = 6;

    private readonly Dictionary<string, Task<ForeignPeer>> _joined = [];
    private readonly Dictionary<string, Task<ForeignPeer>> _behind = [];
    private readonly Dictionary<(string Peer, Role Role), Task<Verdict>> _begun = [];
    private readonly ConcurrentBag<IAsyncDisposable> _all = [];

    private KadathNode _first = null!;

    /// <summary>Starts the network: Kadath first, then everybody who is installed, with Kadath as the only node they are told of.</summary>
    public static async Task<Networks> StartAsync()
    {
        Networks networks = new();
        networks._first = await networks.KadathAsync("127.0.60.1");
        List<string> installed = [.. PeerCatalog.Names.Where(name => PeerHome.Missing(name) is null)];
        foreach (string name in installed)
        {
            networks._joined[name] = networks.PeerAsync(name, $"127.0.61.{10 + installed.IndexOf(name)}", networks._first.Endpoint);
        }

        for (int i = 0; i < ExtraNodes; i++)
        {
            await networks.KadathAsync($"127.0.60.{10 + i}", networks._first.Endpoint);
        }

        // Behind a Kadath node in the middle, which joins through another implementation, stands a second node of each.
        foreach (string name in installed.Where(name => networks._joined.ContainsKey(Partner(name))))
        {
            networks._behind[name] = networks.BehindAsync(name, installed.IndexOf(name));
        }

        return networks;
    }

    /// <summary>Ends when every peer has joined, or failed to.</summary>
    public async Task JoinedAsync()
    {
        foreach (Task<ForeignPeer> peer in _joined.Values.Concat(_behind.Values).ToArray())
        {
            // A failure is told by the verdicts.
            await ((Task)peer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Begins with what is seen of all implementations: of the slow ones beside each other and at once, of the others in lanes when <paramref name="before"/> has ended.</summary>
    public void Begin(Task before)
    {
        Lanes lanes = new(before);
        foreach ((string name, Role role) in from name in _joined.Keys.Order(StringComparer.Ordinal) from role in Enum.GetValues<Role>() select (name, role))
        {
            bool slow = Interplay.Slow.Contains(name);
            Task<Verdict> turn = AfterAsync(slow ? Task.CompletedTask : lanes.Shortest, () => FillAsync(name, role));
            _begun[(name, role)] = turn;
            if (!slow)
            {
                lanes.Lengthen(turn, 1);
            }
        }
    }

    /// <summary>What was seen of one implementation with Kadath in one role.</summary>
    public Task<Verdict> ResultAsync(string name, Role role) => _begun[(name, role)];

    private static async Task<Verdict> AfterAsync(Task before, Func<Task<Verdict>> turn)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await turn();
    }

    private async Task<Verdict> FillAsync(string name, Role role)
    {
        try
        {
            if (PeerHome.Missing(Partner(name)) is { } reason)
            {
                return Verdict.NotObservable($"{Partner(name)} is not here: {reason}");
            }

            ForeignPeer partner = await _joined[Partner(name)];
            return role switch
            {
                Role.Bootstrap => await BetweenAsync(await _joined[name], partner),
                Role.Middle => await BetweenAsync(await _behind[name], partner),
                _ => await LeafAsync(await _joined[name], partner),
            };
        }
        catch (Exception failed)
        {
            return Verdict.Fail($"{failed.GetType().Name}: {failed.Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_begun.Values);
        foreach (Task<ForeignPeer> peer in _joined.Values.Concat(_behind.Values))
        {
            if (peer.IsCompletedSuccessfully)
            {
                await peer.Result.DisposeAsync();
            }
        }

        foreach (IAsyncDisposable node in _all)
        {
            await node.DisposeAsync();
        }
    }

    private static string Partner(string name) => name == BittorrentDht.PeerName ? Libtorrent.PeerName : BittorrentDht.PeerName;

    /// <summary>What one announces, the other finds; both ways.</summary>
    private static async Task<Verdict> BetweenAsync(ForeignPeer peer, ForeignPeer partner)
    {
        string hash = RawOperations.RandomKey();
        IPEndPoint announced = new(peer.Endpoint.Address, await peer.AnnounceAsync(hash, 6543));
        IReadOnlyList<IPEndPoint> found = [];
        bool seen = await Eventually.HoldsAsync(
            async () =>
            {
                await AgainAsync(peer, hash, 6543);
                return (found = await partner.GetPeersAsync(hash)).Contains(announced);
            },
            TimeSpan.FromSeconds(Interplay.Slow.Contains(peer.Name) ? 200 : 60));
        if (!seen)
        {
            return Verdict.Fail($"{partner.Name} did not find what {peer.Name} announced: [{string.Join(' ', found)}]");
        }

        hash = RawOperations.RandomKey();
        using Beacon beacon = await AnnouncedAsync(partner, hash);
        return Verdict.Of(await peer.FindsAsync(hash, beacon), $"{peer.Name} did not find what {partner.Name} announced");
    }

    /// <summary>Announces once more, as clients do all the time; the torrent clients do so by themselves.</summary>
    private static Task AgainAsync(ForeignPeer peer, string hash, int port) => peer is JsonPeer ? peer.AnnounceAsync(hash, port) : Task.CompletedTask;

    private async Task<Verdict> LeafAsync(ForeignPeer peer, ForeignPeer partner)
    {
        // On an address of its own: some implementations keep one contact per IP address.
        KadathNode leaf = await KadathAsync($"127.0.63.{10 + PeerCatalog.Names.ToList().IndexOf(peer.Name)}", peer.Endpoint);
        string hash = RawOperations.RandomKey();
        IReadOnlyList<IPEndPoint> found = [];
        using Beacon beacon = await AnnouncedAsync(partner, hash);
        bool seen = await Eventually.HoldsAsync(async () =>
        {
            await AgainAsync(partner, hash, beacon.At.Port);
            return (found = await leaf.GetPeersAsync(hash)).Contains(beacon.At);
        });
        if (!seen)
        {
            return Verdict.Fail($"Kadath did not find what {partner.Name} announced: [{string.Join(' ', found)}]");
        }

        hash = RawOperations.RandomKey();
        IPEndPoint announced = new(leaf.Endpoint.Address, 4567);
        seen = await Eventually.HoldsAsync(async () =>
        {
            await leaf.AnnounceAsync(hash, 4567);
            return (found = await partner.GetPeersAsync(hash)).Contains(announced);
        });
        return Verdict.Of(seen, $"{partner.Name} did not find what Kadath announced: [{string.Join(' ', found)}]");
    }

    /// <summary>A peer that the partner announces: libtorrent's binding announces its own port only.</summary>
    private static async Task<Beacon> AnnouncedAsync(ForeignPeer partner, string hash)
    {
        Beacon beacon = partner is Libtorrent ? Beacon.Of(partner.Endpoint) : Beacon.On(partner.Endpoint.Address);
        await partner.AnnounceAsync(hash, beacon.At.Port);
        return beacon;
    }

    private async Task<KadathNode> KadathAsync(string address, params IReadOnlyList<IPEndPoint> bootstrap)
    {
        KadathNode node = await KadathNode.StartAsync(address, bootstrap);
        _all.Add(node);
        return node;
    }

    private Task<ForeignPeer> PeerAsync(string name, string address, IPEndPoint bootstrap) =>
        Task.Run(async () =>
        {
            ForeignPeer peer = await PeerCatalog.StartAsync(name, Ports.Free(address), bootstrap);
            await TellAsync(peer, bootstrap);
            return peer;
        });

    private async Task<ForeignPeer> BehindAsync(string name, int index)
    {
        ForeignPeer partner = await _joined[Partner(name)];
        KadathNode middle = await KadathAsync($"127.0.62.{100 + index}", partner.Endpoint);
        return await PeerAsync(name, $"127.0.62.{10 + index}", middle.Endpoint);
    }

    private static async Task TellAsync(ForeignPeer peer, IPEndPoint node)
    {
        try
        {
            await peer.MeetAsync(node);
        }
        catch (PeerCannotException)
        {
            // It was told when it started.
        }
    }
}
