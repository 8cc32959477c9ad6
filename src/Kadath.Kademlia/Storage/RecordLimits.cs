namespace Kadath.Kademlia.Storage;

/// <summary>The bounds that every <see cref="IRecordStore"/> puts on a change. A change outside them is the caller's mistake and throws.</summary>
public static class RecordLimits
{
    /// <summary>Characters of a collection's name at most.</summary>
    public const int MaxCollectionLength = 64;

    /// <summary>Bytes of a key at most; the least is 1.</summary>
    public const int MaxKeySize = 255;

    /// <summary>Bytes of a value at most: a routing table of 128 buckets fits, a blob store does not.</summary>
    public const int MaxValueSize = 64 * 1024;

    /// <summary>Throws <see cref="ArgumentException"/> unless the name is lower-case words of letters and digits, joined by '/' or '-', of 1 to 64 characters.</summary>
    public static void CheckCollection(string collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        bool word = false;
        foreach (char c in collection)
        {
            bool joins = c is '/' or '-';
            if (joins ? !word : !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c))
            {
                word = false;
                break;
            }

            word = !joins;
        }

        if (!word || collection.Length > MaxCollectionLength)
        {
            throw new ArgumentException($"'{collection}' is no name of a collection: lower-case words joined by '/' or '-', at most {MaxCollectionLength} characters.", nameof(collection));
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> if any change is outside the bounds, so that a batch is applied whole or not at all.</summary>
    public static void Check(ReadOnlySpan<RecordChange> batch)
    {
        foreach (ref readonly RecordChange change in batch)
        {
            CheckCollection(change.Collection);
            if (change.Key is null || change.Key.Length is 0 or > MaxKeySize)
            {
                throw new ArgumentException($"A key has 1 to {MaxKeySize} bytes, this one {change.Key?.Length ?? 0}.", nameof(batch));
            }

            if (change.Value?.Length > MaxValueSize)
            {
                throw new ArgumentException($"A value has at most {MaxValueSize} bytes, this one {change.Value.Length}.", nameof(batch));
            }
        }
    }
}
