using Kadath.Kademlia.Storage;

namespace Kadath.Tests.Conformance.Stores;

/// <summary>Records in the form that tests read well.</summary>
internal static class Records
{
    public static RecordChange Set(string collection, byte[] key, byte[] value, long expires = long.MaxValue, ulong source = 0) => new(collection, key, value, expires, source);

    public static RecordChange Delete(string collection, byte[] key) => new(collection, key, null, long.MaxValue);

    public static List<(string Key, string Value, long Expires)> Of(IRecordStore store, string collection, long now)
    {
        var records = new List<(string, string, long)>();
        store.Load(collection, now, (key, value, _, expires) => records.Add((Convert.ToHexStringLower(key), Convert.ToHexStringLower(value), expires)));
        return records;
    }

    public static List<(string Key, ulong Source)> SourcesOf(IRecordStore store, string collection)
    {
        var sources = new List<(string, ulong)>();
        store.Load(collection, 0, (key, _, source, _) => sources.Add((Convert.ToHexStringLower(key), source)));
        return sources;
    }
}
