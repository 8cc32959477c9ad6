using System.Diagnostics;
using Kadath.Kademlia.Storage;
using Kadath.Stores.Sqlite;
using Xunit;

namespace Kadath.Tests.Conformance.Stores;

/// <summary>The store at a size that a busy node reaches.</summary>
public sealed class SqliteBulkTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_hundred_thousand_announces_are_written_checked_loaded_and_expired_in_seconds()
    {
        int records = int.Parse(Environment.GetEnvironmentVariable("KADATH_TEST_RECORDS") ?? "100000", System.Globalization.CultureInfo.InvariantCulture);
        const int batch = 1000;
        var random = new Random(5);
        var clock = Stopwatch.StartNew();
        using (var store = new SqliteRecordStore(_folder.File("bulk.db")))
        {
            for (int n = 0; n < records; n += batch)
            {
                store.Apply([.. Enumerable.Range(n, batch).Select(i => Records.Set("mainline/announces", Bytes(random, 24), Bytes(random, 8), 1000 + i))]);
            }

            Report("write", clock, records);
        }

        Report("close", clock, records);
        using var again = new SqliteRecordStore(_folder.File("bulk.db"));
        Report("open and check", clock, records);
        int loaded = 0;
        again.Load("mainline/announces", 0, (_, _, _, _) => loaded++);
        Report("load", clock, records);
        Assert.Equal(records, loaded);
        Assert.Equal(records / 10, again.Expire(999 + (records / 10), records));
        Report("expire a tenth", clock, records / 10);
    }

    private void Report(string what, Stopwatch clock, int records)
    {
        output.WriteLine($"{what}: {clock.Elapsed.TotalMilliseconds:F0} ms, {records / clock.Elapsed.TotalSeconds:N0} records/s");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{what} took {clock.Elapsed}");
        clock.Restart();
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
