using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>A search for the peers of a torrent.</summary>
/// <param name="InfoHash">The info-hash (of a v2 torrent: the first 20 bytes).</param>
/// <param name="NoSeed">Ask nodes to leave out seeds (BEP 33).</param>
/// <param name="Scrape">Ask for Bloom filters of seeds and downloaders (BEP 33).</param>
/// <param name="Timeout">When to end at the latest; zero for the default.</param>
public readonly record struct GetPeersRequest(Id160 InfoHash, bool NoSeed = false, bool Scrape = false, TimeSpan Timeout = default);

/// <summary>An announce of ourselves as a peer of a torrent.</summary>
/// <param name="InfoHash">The info-hash.</param>
/// <param name="Port">The port on which peers reach us; 0 for the port of the DHT's own socket (implied_port).</param>
/// <param name="Seed">We have the whole torrent (BEP 33).</param>
/// <param name="Timeout">When to end at the latest; zero for the default.</param>
public readonly record struct AnnounceRequest(Id160 InfoHash, ushort Port, bool Seed = false, TimeSpan Timeout = default);

/// <summary>A search for a BEP 44 item.</summary>
/// <param name="Target">SHA-1 of the value, or of public key and salt.</param>
/// <param name="Salt">The salt of a mutable item, at most 64 bytes, needed to verify it; empty for none.</param>
/// <param name="Mutable">Which kind is wanted; null accepts either.</param>
/// <param name="Timeout">When to end at the latest; zero for the default.</param>
public readonly record struct GetRequest(Id160 Target, ReadOnlyMemory<byte> Salt = default, bool? Mutable = null, TimeSpan Timeout = default);

/// <summary>A store of a BEP 44 item. Immutable: <see cref="Item"/> is given at once. Mutable: it may follow through <see cref="MainlineDht.Provide"/>.</summary>
/// <param name="Target">Where it will be stored.</param>
/// <param name="Salt">The salt of a mutable item; empty for none.</param>
/// <param name="Mutable">True for a mutable item.</param>
/// <param name="Item">The item, or null if it is to follow when the highest sequence number is known.</param>
/// <param name="Timeout">When to end at the latest; zero for the default.</param>
public readonly record struct PutRequest(Id160 Target, ReadOnlyMemory<byte> Salt, bool Mutable, SignedItem? Item, TimeSpan Timeout = default);

/// <summary>A BEP 44 item, ready to be stored. Immutable items have only <see cref="Value"/>.</summary>
/// <param name="Value">The canonical bencoded value, at most 1,000 bytes.</param>
/// <param name="PublicKey">32 bytes, or empty.</param>
/// <param name="Salt">At most 64 bytes, or empty.</param>
/// <param name="Sequence">From 0 to 2^63 − 1.</param>
/// <param name="Signature">64 bytes, or empty.</param>
/// <param name="Cas">The sequence number that a node must hold for the store to succeed, or null. Sent only to nodes that returned a value.</param>
public sealed record SignedItem(
    ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Salt, long Sequence, ReadOnlyMemory<byte> Signature, long? Cas = null);

/// <summary>A mutable item to be followed (BEP 46: a torrent whose info-hash changes).</summary>
/// <param name="PublicKey">The 32-byte public key of the publisher.</param>
/// <param name="Salt">The salt, or empty.</param>
/// <param name="Interval">Time between two searches; zero for the default of 5 minutes, at least 1 second.</param>
/// <param name="Republish">Store the newest item again where it is missing, as BEP 46 asks of its consumers.</param>
public readonly record struct FollowRequest(ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Salt, TimeSpan Interval = default, bool Republish = true);

/// <summary>A crawl for info-hashes by sample_infohashes (BEP 51) that honours each node's interval.</summary>
/// <param name="QueriesPerSecond">Bound on queries, 1 to 100; 0 for the default of 10.</param>
/// <param name="MaxNodes">How many nodes are remembered with their interval, at most; 0 for the default of 20,000.</param>
public readonly record struct IndexRequest(int QueriesPerSecond = 0, int MaxNodes = 0);
