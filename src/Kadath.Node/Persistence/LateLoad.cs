using Kadath.Kademlia.Storage;

namespace Kadath.Node;

/// <summary>A record that was read from a store.</summary>
/// <param name="Collection">The collection's number.</param>
/// <param name="Key">The record's key.</param>
/// <param name="Value">The record's value.</param>
/// <param name="Source">The group whose quota it counts against, or 0.</param>
/// <param name="ExpiresUnixMilliseconds">Wall-clock expiry.</param>
internal readonly record struct LoadedRecord(byte Collection, byte[] Key, byte[] Value, ulong Source, long ExpiresUnixMilliseconds);

/// <summary>
/// Brings what a store holds to a node that runs already: read on the writer's thread, handed over in portions so small that none of them
/// holds up the loop. Which of two records is the newer is for the taker to say; what was deleted meanwhile stays deleted.
/// </summary>
/// <param name="collections">Names of the collections, by number.</param>
/// <param name="wanted">The numbers of those that are loaded, in this order.</param>
/// <param name="take">Takes a portion, and returns when it is in; false ends the loading.</param>
internal sealed class LateLoad(string[] collections, byte[] wanted, Func<LoadedRecord[], bool> take)
{
    // A restored item costs the loop a SHA-1, some 2 µs: a portion is a tenth of a millisecond or two.
    private const int Portion = 64;

    private readonly List<LoadedRecord> _portion = new(Portion);

    /// <summary>Loads everything; false if the taker ended it. Throws what the store throws.</summary>
    public bool Run(IRecordStore store, ChangeJournal journal)
    {
        _portion.Clear();
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        try
        {
            foreach (byte number in wanted)
            {
                string name = collections[number];
                store.Load(name, now, (key, value, source, expires) =>
                {
                    LoadedRecord record = new(number, key.ToArray(), value.ToArray(), source, expires);
                    if (!journal.Deletes(name, record.Key))
                    {
                        Add(record);
                    }
                });
            }

            Hand();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Add(in LoadedRecord record)
    {
        _portion.Add(record);
        if (_portion.Count == Portion)
        {
            Hand();
        }
    }

    private void Hand()
    {
        if (_portion.Count > 0 && !take([.. _portion]))
        {
            throw new OperationCanceledException();
        }

        _portion.Clear();
    }
}
