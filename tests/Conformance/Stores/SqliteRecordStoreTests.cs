using Kadath.Kademlia.Storage;
using Kadath.Stores.Sqlite;
using Xunit;

namespace Kadath.Tests.Conformance.Stores;

public sealed class SqliteRecordStoreTests : RecordStoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private int _files;

    protected override IRecordStore Create() => new SqliteRecordStore(_folder.File($"store-{_files++}.db"));

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Any_sequence_of_changes_and_restarts_leaves_what_a_dictionary_would_hold() => RecordStoreModel.Check(Create, static store =>
    {
        string path = ((SqliteRecordStore)store).Path;
        store.Dispose();
        var again = new SqliteRecordStore(path);
        Assert.Equal(RecordStoreState.Clean, again.Opening.State);
        return again;
    });

    [Fact]
    public void Any_sequence_of_changes_and_crashes_leaves_what_a_dictionary_would_hold() => RecordStoreModel.Check(Create, store =>
    {
        // The bytes that the operating system holds when a process is killed are those a copy sees.
        string crashed = ((SqliteRecordStore)store).Path, copy = _folder.File($"store-{_files++}.db");
        File.Copy(crashed, copy);
        File.Copy(crashed + "-wal", copy + "-wal");
        store.Dispose();
        var again = new SqliteRecordStore(copy);
        Assert.Equal(RecordStoreState.Recovered, again.Opening.State);
        return again;
    });
}
