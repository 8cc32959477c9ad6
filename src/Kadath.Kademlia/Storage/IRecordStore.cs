namespace Kadath.Kademlia.Storage;

/// <summary>
/// Durable storage as every network uses it: collections of small key-value records with an expiry. A driver calls it off its loop,
/// in batches, from one thread; machines only emit <see cref="RecordChange"/> effects. What a node serves lives in bounded memory,
/// loaded at start. A record has expired from the millisecond of its expiry on. Implementations throw <see cref="RecordStoreException"/> and
/// nothing else for faults of the disk or the file; changes outside <see cref="RecordLimits"/> throw <see cref="ArgumentException"/>.
/// </summary>
public interface IRecordStore : IDisposable
{
    /// <summary>What was found when the store was opened.</summary>
    RecordStoreOpening Opening { get; }

    /// <summary>
    /// Visits every record of a collection that has not expired, in key order.
    /// </summary>
    /// <param name="collection">The collection's name, such as "mainline/items".</param>
    /// <param name="nowUnixMilliseconds">Wall-clock time, against which expiry is judged.</param>
    /// <param name="visit">Called once a record; the spans are valid only during the call.</param>
    void Load(string collection, long nowUnixMilliseconds, RecordVisitor visit);

    /// <summary>Applies the changes in order as one transaction: all or, if it throws, none. When it returns, they have reached the operating system and survive the end of this process.</summary>
    void Apply(ReadOnlySpan<RecordChange> batch);

    /// <summary>Deletes what has expired, longest expired first, at most <paramref name="limit"/> records; returns how many.</summary>
    int Expire(long nowUnixMilliseconds, int limit);

    /// <summary>Forces what was applied to the medium, so that it survives a power cut.</summary>
    void Flush();
}

/// <summary>Receives one stored record.</summary>
/// <param name="key">The record's key.</param>
/// <param name="value">The record's value.</param>
/// <param name="source">The group whose quota it counts against, or 0.</param>
/// <param name="expiresUnixMilliseconds">Wall-clock expiry, or <see cref="long.MaxValue"/> for none.</param>
public delegate void RecordVisitor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, long expiresUnixMilliseconds);

/// <summary>One change of a stored record: set, or delete where <see cref="Value"/> is null.</summary>
/// <param name="Collection">The collection's name: lower-case words with slashes, at most 64 characters.</param>
/// <param name="Key">The record's key, 1 to 255 bytes.</param>
/// <param name="Value">The new value, at most 64 KiB; null deletes.</param>
/// <param name="ExpiresUnixMilliseconds">Wall-clock expiry; <see cref="long.MaxValue"/> for none.</param>
/// <param name="Source">The group whose quota the record counts against (<see cref="PutOrigin.Source"/>), so that quotas outlive a restart; 0 for none.</param>
public readonly record struct RecordChange(string Collection, byte[] Key, byte[]? Value, long ExpiresUnixMilliseconds, ulong Source = 0);

/// <summary>The state in which a store was found.</summary>
public enum RecordStoreState
{
    /// <summary>There was nothing: a new store was made.</summary>
    Created,

    /// <summary>The store was closed properly.</summary>
    Clean,

    /// <summary>The store was not closed properly; it was recovered.</summary>
    Recovered,

    /// <summary>The file was damaged or foreign; it was set aside under another name and a new store was made.</summary>
    SetAside,
}

/// <summary>What was found when a store was opened.</summary>
/// <param name="State">The state.</param>
/// <param name="Detail">For people: what was found, and where a file that was set aside now lies; null if there is nothing to say.</param>
public sealed record RecordStoreOpening(RecordStoreState State, string? Detail);

/// <summary>A fault of the disk or of the store's file: the driver degrades to memory and raises an alarm.</summary>
public sealed class RecordStoreException : Exception
{
    /// <summary>Creates the exception with the message for people and the cause.</summary>
    public RecordStoreException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
