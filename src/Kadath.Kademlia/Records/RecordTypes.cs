using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>What became of a put.</summary>
public enum PutOutcome : byte
{
    /// <summary>A new record was stored.</summary>
    Stored,

    /// <summary>The record's value was replaced by the new one.</summary>
    Replaced,

    /// <summary>The record stays as it is and lives longer.</summary>
    Refreshed,

    /// <summary>The network's selector refused: an older or invalid value.</summary>
    Refused,

    /// <summary>The source group holds as many records as it may.</summary>
    SourceQuota,

    /// <summary>The key holds as many members as it may.</summary>
    KeyQuota,

    /// <summary>The global bound is reached, and nothing kept is worth less.</summary>
    Full,

    /// <summary>The value is longer than allowed.</summary>
    TooLarge,
}

/// <summary>The result of a put.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Persist">
/// The record is to be written to durable storage: it is new or has changed, or at least a quarter of its TTL has passed since it was last
/// written (a refresh on every announce would only wear the disk).
/// </param>
/// <param name="Evicted">Acknowledged records that left before their TTL to make room; named by <c>TryReadEvicted</c>.</param>
public readonly record struct RecordPut(PutOutcome Outcome, bool Persist, int Evicted)
{
    /// <summary>The record is held now.</summary>
    public bool Accepted => Outcome <= PutOutcome.Refreshed;
}

/// <summary>Who puts a record, and what it is worth.</summary>
/// <param name="Source">The group whose quota it counts against (a subnet); 0 is exempt.</param>
/// <param name="Worth">
/// What the network says the record is worth when room is needed, higher is more; for instance the common prefix of its key with the
/// nearest of our ids. Compared after the source's share, before the time left.
/// </param>
/// <param name="Lifetime">TTL from now; at most the store's longest.</param>
public readonly record struct PutOrigin(ulong Source, byte Worth, TimeSpan Lifetime);

/// <summary>Counters of a record store; they only grow.</summary>
/// <param name="Evicted">Acknowledged records that left before their TTL.</param>
/// <param name="Expired">Records whose TTL ran out.</param>
/// <param name="RefusedSource">Puts refused at a source's quota.</param>
/// <param name="RefusedKey">Puts refused at a key's quota.</param>
/// <param name="RefusedFull">Puts refused at the global bound.</param>
public readonly record struct RecordCounters(long Evicted, long Expired, long RefusedSource, long RefusedKey, long RefusedFull);

/// <summary>The bounds of a <see cref="ValueRecords{TId}"/>.</summary>
public sealed record ValueRecordOptions
{
    /// <summary>Records at most; 1 to 10,000,000.</summary>
    public int MaxRecords { get; init; } = 100_000;

    /// <summary>Bytes of values at most, counted in the chunks they take (up to half more than their length, at least 64 each).</summary>
    public long MaxBytes { get; init; } = 128L << 20;

    /// <summary>Bytes of one value at most; 1 to 65,536.</summary>
    public int MaxValueSize { get; init; } = 1536;

    /// <summary>Records of one source group at most; 1 or more. A hundredth of a full store by default.</summary>
    public int MaxPerSource { get; init; } = 1_000;

    /// <summary>The longest TTL; a longer one is cut. At least a second.</summary>
    public TimeSpan MaxLifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> naming the option that is out of its bounds.</summary>
    public void Validate()
    {
        RecordBounds.Within(MaxRecords, 1, 10_000_000, nameof(MaxRecords));
        RecordBounds.Within(MaxValueSize, 1, 65_536, nameof(MaxValueSize));
        RecordBounds.Within(MaxPerSource, 1, int.MaxValue, nameof(MaxPerSource));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 2L * MaxValueSize, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLifetime, TimeSpan.FromSeconds(1), nameof(MaxLifetime));
    }
}

/// <summary>The bounds of a <see cref="MemberRecords{TId, TMember}"/>.</summary>
public sealed record MemberRecordOptions
{
    /// <summary>Members at most, over all keys; 1 to 10,000,000.</summary>
    public int MaxMembers { get; init; } = 1_000_000;

    /// <summary>Members of one key at most; 1 or more.</summary>
    public int MaxPerKey { get; init; } = 5_000;

    /// <summary>Members of one source group at most, over all keys; 1 or more. A hundredth of a full store by default.</summary>
    public int MaxPerSource { get; init; } = 10_000;

    /// <summary>The longest TTL; a longer one is cut. At least a second.</summary>
    public TimeSpan MaxLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> naming the option that is out of its bounds.</summary>
    public void Validate()
    {
        RecordBounds.Within(MaxMembers, 1, 10_000_000, nameof(MaxMembers));
        RecordBounds.Within(MaxPerKey, 1, int.MaxValue, nameof(MaxPerKey));
        RecordBounds.Within(MaxPerSource, 1, int.MaxValue, nameof(MaxPerSource));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLifetime, TimeSpan.FromSeconds(1), nameof(MaxLifetime));
    }
}

/// <summary>What both shapes of records share.</summary>
internal static class RecordBounds
{
    /// <summary>
    /// Records looked at to find one that is worth little. With 16 at random, the one taken is among the worst tenth in four of five cases,
    /// without an order to maintain on every put.
    /// </summary>
    public const int EvictionSample = 16;

    /// <summary>Evicted records that wait to be read; a put evicts a few at most, and callers read after each.</summary>
    public const int MaxEvictedUnread = 1024;

    public static void Within(int value, int low, int high, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, low, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, high, name);
    }

    /// <summary>
    /// What a record is worth against others, higher is more: first the smaller share of its source (in powers of two), then the network's
    /// worth, then the time left. 0 once it has expired.
    /// </summary>
    public static ulong Value(int ofSource, byte worth, uint expires, Instant now) =>
        expires <= now.Seconds ? 0 : ((ulong)(63 - System.Numerics.BitOperations.Log2((uint)Math.Max(ofSource, 1))) << 40) | ((ulong)worth << 32) | expires;

    /// <summary>The expiry in whole seconds, rounded up, at most the longest TTL from now.</summary>
    public static uint ExpiryOf(Instant now, TimeSpan lifetime, TimeSpan longest)
    {
        TimeSpan bounded = lifetime < longest ? lifetime : longest;
        return (uint)Math.Min(((now + bounded).Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond, uint.MaxValue);
    }
}
