using FsCheck;
using FsCheck.Fluent;
using Kadath.Kademlia.Storage;
using Xunit;

namespace Kadath.Tests.Conformance.Stores;

/// <summary>Runs random sequences of steps against a store and against a dictionary, and compares after every step.</summary>
internal static class RecordStoreModel
{
    private static readonly string[] Collections = ["a", "b/c"];

    /// <summary>One step: a batch, an expiry, or closing and opening again.</summary>
    public sealed record Step(IReadOnlyList<RecordChange> Batch, long? ExpireAt, int Limit, bool Reopen)
    {
        public override string ToString() => Reopen ? "reopen" : ExpireAt is { } now ? $"expire({now}, {Limit})"
            : $"apply({string.Join(", ", Batch.Select(static c => $"{c.Collection}:{Convert.ToHexString(c.Key)}={(c.Value is null ? "-" : Convert.ToHexString(c.Value))}@{c.ExpiresUnixMilliseconds}"))})";
    }

    /// <summary>Checks 200 sequences, always the same ones.</summary>
    /// <param name="create">Makes an empty store.</param>
    /// <param name="reopen">Closes a store and opens it again, or null if that kind of store keeps nothing.</param>
    public static void Check(Func<IRecordStore> create, Func<IRecordStore, IRecordStore>? reopen)
    {
        Property property = Prop.ForAll(Steps(reopen is not null).ListOf().Select(static l => (IReadOnlyList<Step>)l.ToList()).ToArbitrary(), steps => Holds(create, reopen, steps));
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(4471, 17), property);
    }

    private static bool Holds(Func<IRecordStore> create, Func<IRecordStore, IRecordStore>? reopen, IReadOnlyList<Step> steps)
    {
        var model = new Dictionary<(string, string), (string Value, long Expires)>();
        IRecordStore store = create();
        try
        {
            foreach (Step step in steps)
            {
                store = Run(step, store, reopen, model);
                if (!Collections.All(c => Agree(store, c, 0, model) && Agree(store, c, 5, model)))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            store.Dispose();
        }
    }

    private static IRecordStore Run(Step step, IRecordStore store, Func<IRecordStore, IRecordStore>? reopen, Dictionary<(string, string), (string Value, long Expires)> model)
    {
        if (step.Reopen && reopen is not null)
        {
            return reopen(store);
        }

        if (step.ExpireAt is { } now)
        {
            List<KeyValuePair<(string, string), (string Value, long Expires)>> expired = [.. model.Where(r => r.Value.Expires <= now).OrderBy(static r => r.Value.Expires)];
            Assert.Equal(Math.Min(step.Limit, expired.Count), store.Expire(now, step.Limit));
            if (step.Limit >= expired.Count)
            {
                expired.ForEach(r => model.Remove(r.Key));
            }
            else
            {
                // Which of several that expired together left is the store's choice: take it over, and check only that it chose among the oldest.
                AdoptChoice(store, expired, step.Limit, model);
            }

            return store;
        }

        store.Apply([.. step.Batch]);
        foreach (RecordChange change in step.Batch)
        {
            (string, string) key = (change.Collection, Convert.ToHexStringLower(change.Key));
            model.Remove(key);
            if (change.Value is not null)
            {
                model[key] = (Convert.ToHexStringLower(change.Value), change.ExpiresUnixMilliseconds);
            }
        }

        return store;
    }

    private static void AdoptChoice(IRecordStore store, List<KeyValuePair<(string, string), (string Value, long Expires)>> expired, int limit, Dictionary<(string, string), (string Value, long Expires)> model)
    {
        long youngest = limit == 0 ? -1 : expired[limit - 1].Value.Expires;
        var left = Collections.SelectMany(c => Records.Of(store, c, -1).Select(r => (c, r.Key))).ToHashSet();
        foreach (KeyValuePair<(string, string), (string Value, long Expires)> record in expired.Where(r => !left.Contains(r.Key)))
        {
            Assert.True(record.Value.Expires <= youngest);
            model.Remove(record.Key);
        }
    }

    private static bool Agree(IRecordStore store, string collection, long now, Dictionary<(string Collection, string Key), (string Value, long Expires)> model)
    {
        IEnumerable<(string, string, long)> expected = model
            .Where(r => r.Key.Collection == collection && r.Value.Expires > now)
            .OrderBy(static r => r.Key.Key, StringComparer.Ordinal)
            .Select(static r => (r.Key.Key, r.Value.Value, r.Value.Expires));
        return expected.SequenceEqual(Records.Of(store, collection, now));
    }

    private static Gen<Step> Steps(bool reopens)
    {
        Gen<byte[]> keys = Gen.Choose(0, 3).ArrayOf().Where(static k => k.Length is > 0 and < 4).Select(static k => k.Select(static b => (byte)(b * 85)).ToArray());
        Gen<byte[]?> values = Gen.OneOf(Gen.Constant<byte[]?>(null), Gen.Choose(0, 255).ArrayOf().Select(static v => (byte[]?)v.Select(static b => (byte)b).ToArray()));
        Gen<RecordChange> changes =
            from collection in Gen.Elements(Collections)
            from key in keys
            from value in values
            from expires in Gen.OneOf(Gen.Choose(1, 10).Select(static e => (long)e), Gen.Constant(1000L))
            select new RecordChange(collection, key, value, expires);
        Gen<Step> batch = changes.ListOf().Select(static b => new Step([.. b], null, 0, false));
        Gen<Step> expire = from now in Gen.Choose(0, 12) from limit in Gen.Choose(0, 6) select new Step([], now, limit, false);
        Gen<Step> reopen = Gen.Constant(new Step([], null, 0, true));
        return reopens ? Gen.Frequency((6, batch), (2, expire), (1, reopen)) : Gen.Frequency((6, batch), (2, expire));
    }
}
