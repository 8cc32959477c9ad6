using System.Buffers.Binary;
using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Mainline.Addresses;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Records;

/// <summary>
/// Announces and items that a machine keeps for others, shared by its nodes: one store in memory, each change of which is also handed to the
/// driver to be made durable. Nothing is held before the first store.
/// </summary>
internal sealed class MainlineRecords
{
    /// <summary>Announces live this long.</summary>
    public TimeSpan AnnounceLifetime => _options.Constants.AnnounceLifetime;

    /// <summary>Items live this long.</summary>
    public TimeSpan ItemLifetime => _options.Constants.ItemLifetime;

    /// <summary>Peers of one info-hash: filters of BEP 33 saturate near 6,000.</summary>
    public const int MaxPeersPerKey = 5000;

    private readonly MainlineOptions _options;
    private readonly IMainlineEffects _effects;
    private readonly CryptoProvider _crypto;
    private readonly EntropyTree _entropy;
    private readonly MainlineMemory _memory;
    private MemberRecords<Id160, PeerMember>? _announces;
    private ValueRecords<Id160>? _items;
    private ScrapeCache? _scrapes;

    public MainlineRecords(MainlineOptions options, IMainlineEffects effects, CryptoProvider crypto, EntropyTree entropy, MainlineMemory memory)
    {
        _memory = memory;
        _options = options;
        _effects = effects;
        _crypto = crypto;
        _entropy = entropy;
    }

    /// <summary>Announces; null as long as there was none.</summary>
    public MemberRecords<Id160, PeerMember>? Announces => _announces;

    /// <summary>Items; null as long as there was none.</summary>
    public ValueRecords<Id160>? Items => _items;

    public Instant NextDeadline => Instant.Min(_announces?.NextDeadline ?? Instant.Never, _items?.NextDeadline ?? Instant.Never);

    /// <summary>Lets go of what has expired.</summary>
    public void Wake(Instant now)
    {
        _announces?.Expire(now);
        _items?.Expire(now);
    }

    /// <summary>Stores an announce and hands it on to be made durable, without waiting.</summary>
    public PutOutcome Announce(in Id160 infoHash, in Endpoint peer, bool seed, in Endpoint from, byte worth, Instant now)
    {
        ulong source = SourceOf(from);
        RecordPut result = Store(infoHash, peer, seed, new(source, worth, AnnounceLifetime), now);
        if (result.Accepted && result.Persist)
        {
            Span<byte> key = stackalloc byte[36];
            Span<byte> value = stackalloc byte[3];
            int length = WriteKey(key, infoHash, peer);
            BinaryPrimitives.WriteUInt16BigEndian(value, peer.Port);
            value[2] = seed ? (byte)1 : (byte)0;
            _effects.Persist(0, MainlineCollection.Announces, key[..length], value, source, now + AnnounceLifetime);
        }

        ForgetEvictedAnnounces();
        return result.Outcome;
    }

    /// <summary>How many peers a scrape of the torrent has to visit.</summary>
    public int ScrapeCost(in Id160 infoHash, Instant now) =>
        _announces is null ? 0 : _scrapes is null ? _announces.CountOf(infoHash) : _scrapes.CostOf(_announces, infoHash, now);

    /// <summary>Writes the two filters of a scrape, 256 bytes each (BEP 33); false if the torrent has no peers here.</summary>
    public bool WriteFilters(in Id160 infoHash, Instant now, Span<byte> peers, Span<byte> seeds)
    {
        if (_announces is null || _announces.CountOf(infoHash) == 0)
        {
            return false;
        }

        _scrapes ??= new(_entropy.Stream(2).NextUInt64());
        _scrapes.Write(_announces, infoHash, now, peers, seeds);
        return true;
    }

    /// <summary>Offers an item that was verified.</summary>
    public RecordPut Put(in Id160 target, ReadOnlySpan<byte> encoded, in Endpoint from, byte worth, ref ItemSelector selector, Instant now)
    {
        RecordPut result = ItemStore.Put(target, encoded, new(SourceOf(from), worth, ItemLifetime), ref selector, now);
        Span<byte> key = stackalloc byte[20];
        while (result.Evicted > 0 && _items!.TryReadEvicted(out Id160 evicted))
        {
            evicted.Write(key);
            _effects.Persist(0, MainlineCollection.Items, key, default, 0, now);
        }

        return result;
    }

    /// <summary>The item under a target.</summary>
    public bool TryGet(in Id160 target, Instant now, out StoredItem item)
    {
        item = default;
        return _items is not null && _items.TryGet(target, now, out ReadOnlySpan<byte> encoded) && StoredItem.TryRead(encoded, out item);
    }

    /// <summary>Puts a saved announce back: its key after the info-hash is the address. False if it is not valid or does not fit; what is held is newer and stays.</summary>
    public bool RestoreAnnounce(in Id160 infoHash, ReadOnlySpan<byte> address, ReadOnlySpan<byte> value, in PutOrigin origin, Instant now)
    {
        Span<byte> compact = stackalloc byte[Endpoint.CompactSizeV6];
        if (address.Length is not (4 or 16) || value.Length != 3)
        {
            return false;
        }

        address.CopyTo(compact);
        value[..2].CopyTo(compact[address.Length..]);
        return Endpoint.TryReadCompact(compact[..(address.Length + 2)], out Endpoint peer) && peer.Port != 0
            && _announces?.TryGet(infoHash, new PeerMember(peer, false, 0), now, out _) is not true
            && Store(infoHash, peer, value[2] == 1, origin, now).Accepted;
    }

    /// <summary>Puts a saved item back, judged against one that is held as a put would be. False if it is not valid, not newer, or does not fit.</summary>
    public bool RestoreItem(in Id160 target, ReadOnlySpan<byte> encoded, in PutOrigin origin, Instant now)
    {
        if (!StoredItem.TryRead(encoded, out StoredItem item)
            || target != (item.Mutable ? ItemRules.TargetOf(item.PublicKey, item.Salt) : ItemRules.TargetOf(item.Value)))
        {
            return false;
        }

        ItemSelector selector = default;
        RecordPut result = ItemStore.Put(target, encoded, origin, ref selector, now);
        if (result.Outcome == PutOutcome.Replaced)
        {
            // The older one may be on its way to the store still, and must not end there.
            Span<byte> key = stackalloc byte[Id160.Size];
            target.Write(key);
            _effects.Persist(0, MainlineCollection.Items, key, encoded, origin.Source, now + origin.Lifetime);
        }

        return result.Accepted;
    }

    /// <summary>The group whose quota counts: a /24 or /64, or the endpoint in scopes that BEP 42 exempts. Saved with records: what it gives never changes.</summary>
    public ulong SourceOf(in Endpoint from) =>
        from.Scope.IsLocal() ? _memory.RulesOf(from.IsV6, from.Scope, _entropy).SourceKey(from) : MainlineContactRules.SubnetKey(from);

    private static int WriteKey(Span<byte> key, in Id160 infoHash, in Endpoint peer)
    {
        infoHash.Write(key);
        return 20 + peer.WriteAddress(key[20..]);
    }

    private RecordPut Store(in Id160 infoHash, in Endpoint peer, bool seed, in PutOrigin origin, Instant now)
    {
        // A tenth of the store for one subnet: what one party can take before others have come; then the least worth leaves first.
        _announces ??= new(
            new() { MaxMembers = _options.MaxAnnounces, MaxPerKey = MaxPeersPerKey, MaxPerSource = Math.Max(1, _options.MaxAnnounces / 10), MaxLifetime = AnnounceLifetime },
            _entropy.Stream(0));
        // SHA-1 costs more than all the rest of a refresh: the member that is held has the hash of its address already.
        PeerMember member = new(peer, seed, 0);
        uint scrapeHash = _announces.TryGet(infoHash, member, now, out PeerMember held) ? held.ScrapeHash : ScrapeFilter.HashOf(peer, _crypto.Sha1);
        member = new(peer, seed, scrapeHash);
        RecordPut result = _announces.Put(infoHash, member, origin, now);
        if (result.Outcome is PutOutcome.Stored or PutOutcome.Replaced)
        {
            _scrapes?.Add(infoHash, member);
        }

        return result;
    }

    private ValueRecords<Id160> ItemStore => _items ??= new(
        new()
        {
            MaxRecords = _options.MaxItems, MaxValueSize = StoredItem.MaxSize, MaxBytes = Math.Max(1L << 20, _options.MaxItems * 1280L),
            MaxPerSource = Math.Max(1, _options.MaxItems / 10), MaxLifetime = ItemLifetime,
        },
        _entropy.Stream(1));

    private void ForgetEvictedAnnounces()
    {
        Span<byte> key = stackalloc byte[36];
        while (_announces!.TryReadEvicted(out Id160 infoHash, out PeerMember member))
        {
            int length = WriteKey(key, infoHash, member.Endpoint);
            _effects.Persist(0, MainlineCollection.Announces, key[..length], default, 0, Instant.Zero);
        }
    }
}
