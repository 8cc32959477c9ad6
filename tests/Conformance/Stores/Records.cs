using Kadath.Kademlia.Storage;

namespace Kadath.Tests.Conformance.Stores;

/// <summary>Records in the form that tests read well.</summary>
internal static class Records
{
    public static RecordChange Set(string collection, byte[] key, byte[] value, long expires = long.MaxValue) => new(collection, key, value, expires);

    public static RecordChange Delete(string collection, byte[] key) => new(collection, key, null, long.MaxValue);

    public static List<(string Key, string Value, long Expires)> Of(IRecordStore store, string collection, long now)
    {
        var records = new List<(string, string, long)>();
        store.Load(collection, now, (key, value, expires) => records.Add((Convert.ToHexStringLower(key), Convert.ToHexStringLower(value), expires)));
        return records;
    }
}
