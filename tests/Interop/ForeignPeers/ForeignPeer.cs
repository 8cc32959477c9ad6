using System.Net;

namespace Kadath.Tests.Interop.Peers;

/// <summary>A BEP 44 item as a foreign peer returned it.</summary>
/// <param name="Text">The value, one character per byte.</param>
/// <param name="Sequence">The sequence number of a mutable item.</param>
internal sealed record ForeignItem(string Text, long? Sequence);

/// <summary>What a foreign peer says of its put.</summary>
/// <param name="Target">Where it stored, in hex; null where it does not say.</param>
/// <param name="Stored">How many nodes acknowledged; where the peer cannot count, 1 stands for at least one.</param>
internal sealed record ForeignPut(string? Target, int Stored);

/// <summary>The peer has no means to do this, or no means to show that it did.</summary>
internal sealed class PeerCannotException(string reason, bool neverSends = false) : Exception(reason)
{
    /// <summary>The implementation never sends such a query, though it may answer one.</summary>
    public bool NeverSends { get; } = neverSends;
}

/// <summary>What a mutable put stores.</summary>
internal sealed record MutableValue(byte[] Seed, string Text, long Sequence, string? Salt = null, long? Cas = null);

/// <summary>
/// A Mainline node of another implementation. What it can be told to do is overridden by its adaptor; the rest throws
/// <see cref="PeerCannotException"/>.
/// </summary>
internal abstract class ForeignPeer(string name, IPEndPoint endpoint) : IAsyncDisposable
{
    /// <summary>The implementation's name.</summary>
    public string Name { get; } = name;

    /// <summary>Where its (first) node listens.</summary>
    public IPEndPoint Endpoint { get; } = endpoint;

    /// <summary>The program.</summary>
    public abstract ForeignProcess Process { get; }

    /// <summary>Makes the peer know a node, and waits until it has asked it.</summary>
    public virtual Task MeetAsync(IPEndPoint node) => throw Cannot("be told of a node");

    /// <summary>Pings one node; returns its id in hex.</summary>
    public virtual Task<string> PingAsync(IPEndPoint node) => throw Cannot("be told to ping");

    /// <summary>Asks one node for the nodes nearest to a target; returns their ids in hex.</summary>
    public virtual Task<IReadOnlyList<string>> FindNodeAsync(IPEndPoint node, string target) => throw Cannot("be told to ask for nodes");

    /// <summary>Looks up the peers of a torrent.</summary>
    public virtual Task<IReadOnlyList<IPEndPoint>> GetPeersAsync(string infoHash) => throw Cannot("show the peers it finds");

    /// <summary>Looks up the peers of a torrent until one of them is the beacon.</summary>
    public virtual Task<bool> FindsAsync(string infoHash, Beacon beacon) =>
        Eventually.HoldsAsync(async () => (await GetPeersAsync(infoHash)).Contains(beacon.At));

    /// <summary>Announces itself; returns the port under which it did.</summary>
    public virtual Task<int> AnnounceAsync(string infoHash, int port) => throw Cannot("be told to announce");

    /// <summary>Stores an immutable value.</summary>
    public virtual Task<ForeignPut> PutImmutableAsync(string text) => throw Cannot("store values");

    /// <summary>Stores a mutable value.</summary>
    public virtual Task<ForeignPut> PutMutableAsync(MutableValue value) => throw Cannot("store values");

    /// <summary>Looks an immutable item up.</summary>
    public virtual Task<ForeignItem?> GetImmutableAsync(string target) => throw Cannot("look values up");

    /// <summary>Looks a mutable item up.</summary>
    public virtual Task<ForeignItem?> GetMutableAsync(string target, string publicKey, string? salt) => throw Cannot("look values up");

    /// <summary>Estimates seeds and downloaders of a torrent (BEP 33).</summary>
    public virtual Task<(double Seeds, double Peers)> ScrapeAsync(string infoHash) => throw Cannot("scrape");

    /// <summary>Asks a node for a sample of its info-hashes (BEP 51), in hex.</summary>
    public virtual Task<IReadOnlyList<string>> SampleAsync(IPEndPoint node) => throw Cannot("sample");

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => Process.DisposeAsync();

    private PeerCannotException Cannot(string what) => new($"{Name} cannot {what}");
}
