using System.Text;
using Kadath.Kademlia.Storage;
using Kadath.Stores.Sqlite;
using SQLitePCL;
using Xunit;

namespace Kadath.Tests.Conformance.Stores;

/// <summary>What the SQLite store does about files that are not as it left them, and about disks that refuse.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private const string Items = "mainline/items";
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("records.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_that_was_closed_properly_is_clean_and_leaves_one_file()
    {
        Fill(3);
        Assert.Equal(["records.db"], _folder.Names());
        using var store = new SqliteRecordStore(Path);
        Assert.Equal(new RecordStoreOpening(RecordStoreState.Clean, null), store.Opening);
        Assert.Equal(3, Records.Of(store, Items, 0).Count);
    }

    [Fact]
    public void A_store_that_was_not_closed_is_recovered_with_all_that_was_applied_and_clean_the_next_time()
    {
        using (var store = new SqliteRecordStore(Path))
        {
            for (int n = 0; n < 50; n++)
            {
                store.Apply([Records.Set(Items, [(byte)n], [1, 2, 3])]);
            }

            File.Copy(Path, _folder.File("copy.db"));
            File.Copy(Path + "-wal", _folder.File("copy.db-wal"));
        }

        using (var recovered = new SqliteRecordStore(_folder.File("copy.db")))
        {
            Assert.Equal(RecordStoreState.Recovered, recovered.Opening.State);
            Assert.Contains("not closed properly", recovered.Opening.Detail, StringComparison.Ordinal);
            Assert.Equal(50, Records.Of(recovered, Items, 0).Count);
        }

        using var clean = new SqliteRecordStore(_folder.File("copy.db"));
        Assert.Equal(RecordStoreState.Clean, clean.Opening.State);
    }

    [Fact]
    public void A_log_torn_in_the_middle_of_a_batch_loses_that_batch_whole_and_no_other()
    {
        using (var store = new SqliteRecordStore(Path))
        {
            store.Apply([Records.Set(Items, [1], new byte[3000])]);
            store.Apply([Records.Set(Items, [2], new byte[3000]), Records.Set(Items, [3], new byte[3000]), Records.Set(Items, [4], new byte[3000])]);
            File.Copy(Path, _folder.File("torn.db"));
            File.Copy(Path + "-wal", _folder.File("torn.db-wal"));
        }

        using (FileStream log = File.OpenWrite(_folder.File("torn.db-wal")))
        {
            log.SetLength(log.Length - 100);
        }

        using var torn = new SqliteRecordStore(_folder.File("torn.db"));
        Assert.Equal(RecordStoreState.Recovered, torn.Opening.State);
        Assert.Equal(["01"], Records.Of(torn, Items, 0).Select(static r => r.Key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(200_000)]
    public void Garbage_of_any_length_is_set_aside_unchanged(int length)
    {
        byte[] garbage = new byte[length];
        new Random(length).NextBytes(garbage);
        File.WriteAllBytes(Path, garbage);
        string aside = OpenAndSetAside("no SQLite database");
        Assert.Equal(garbage, File.ReadAllBytes(aside));
    }

    [Fact]
    public void A_text_file_is_set_aside_unchanged()
    {
        File.WriteAllText(Path, string.Join('\n', Enumerable.Repeat("SQLite format 3? No: notes of somebody else.", 100)));
        Assert.StartsWith("SQLite format 3? No", File.ReadAllText(OpenAndSetAside("no SQLite database")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void A_truncated_store_is_set_aside(double kept)
    {
        Fill(2000);
        long length = new FileInfo(Path).Length;
        using (FileStream file = File.OpenWrite(Path))
        {
            file.SetLength((long)(length * kept));
        }

        string aside = OpenAndSetAside("damaged");
        Assert.Equal((long)(length * kept), new FileInfo(aside).Length);
    }

    [Fact]
    public void A_store_with_overwritten_pages_is_set_aside()
    {
        Fill(2000);
        using (FileStream file = File.OpenWrite(Path))
        {
            file.Position = 4096 * 7;
            file.Write(Encoding.ASCII.GetBytes(new string('x', 4096 * 3)));
        }

        OpenAndSetAside("damaged");
    }

    [Fact]
    public void A_file_of_length_zero_is_a_new_store()
    {
        File.WriteAllBytes(Path, []);
        using var store = new SqliteRecordStore(Path);
        Assert.Equal(RecordStoreState.Created, store.Opening.State);
        Assert.Equal(["records.db", "records.db-wal"], _folder.Names());
    }

    [Fact]
    public void A_log_without_its_file_is_set_aside_and_not_deleted()
    {
        using (var store = new SqliteRecordStore(Path))
        {
            store.Apply([Records.Set(Items, [1], [1])]);
            File.Copy(Path + "-wal", _folder.File("lost.db-wal"));
        }

        byte[] log = File.ReadAllBytes(_folder.File("lost.db-wal"));
        using var again = new SqliteRecordStore(_folder.File("lost.db"));
        Assert.Equal(RecordStoreState.SetAside, again.Opening.State);
        Assert.Equal(log, File.ReadAllBytes(Directory.GetFiles(_folder.Path, "lost.db.aside-*-wal").Single()));
    }

    [Fact]
    public void Another_programs_database_is_set_aside_unchanged()
    {
        Sql(Path, "CREATE TABLE bookmarks(url TEXT); INSERT INTO bookmarks VALUES('kept')");
        byte[] before = File.ReadAllBytes(Path);
        Assert.Equal(before, File.ReadAllBytes(OpenAndSetAside("another program")));
    }

    [Fact]
    public void A_newer_store_is_set_aside_unchanged_with_its_log()
    {
        Fill(3);
        Sql(Path, "PRAGMA user_version = 99");
        byte[] before = File.ReadAllBytes(Path);
        Assert.Equal(before, File.ReadAllBytes(OpenAndSetAside("a newer Kadath wrote it (version 99")));
    }

    [Fact]
    public void A_store_whose_tables_were_taken_away_is_set_aside()
    {
        Fill(3);
        Sql(Path, "DROP TABLE record");
        OpenAndSetAside("not those of a store");
    }

    [Fact]
    public void Files_set_aside_in_the_same_second_keep_apart()
    {
        for (int n = 1; n <= 3; n++)
        {
            File.WriteAllText(Path, new string((char)('a' + n), 2000));
            new SqliteRecordStore(new SqliteStoreOptions { Path = Path, Clock = new StoppedClock() }).Dispose();
            File.Delete(Path);
        }

        Assert.Equal(["records.db.aside-20260102T030405Z", "records.db.aside-20260102T030405Z-2", "records.db.aside-20260102T030405Z-3"], _folder.Names());
    }

    [Fact]
    public void A_file_of_the_first_version_is_brought_up_to_date_with_all_it_holds()
    {
        Sql(Path, $"""
            PRAGMA journal_mode = WAL;
            CREATE TABLE collection(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
            CREATE TABLE record(
                collection INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, expires INTEGER NOT NULL,
                PRIMARY KEY(collection, key)) STRICT, WITHOUT ROWID;
            CREATE INDEX record_expires ON record(expires) WHERE expires < 9223372036854775807;
            CREATE TABLE state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            INSERT INTO state VALUES('clean', 1);
            INSERT INTO collection VALUES(1, '{Items}');
            INSERT INTO record VALUES(1, x'01', x'0A', 1000), (1, x'02', x'0B', 9223372036854775807);
            PRAGMA application_id = 0x4B444854; PRAGMA user_version = 1;
            """);
        using (var store = new SqliteRecordStore(Path))
        {
            Assert.Equal(RecordStoreState.Clean, store.Opening.State);
            Assert.Equal([("01", "0a", 1000), ("02", "0b", long.MaxValue)], Records.Of(store, Items, 0));
            Assert.Equal([("01", 0UL), ("02", 0UL)], Records.SourcesOf(store, Items));
            store.Apply([Records.Set(Items, [1], [1], source: 5)]);
        }

        using var again = new SqliteRecordStore(Path);
        Assert.Equal(RecordStoreState.Clean, again.Opening.State);
        Assert.Equal([("01", 5UL), ("02", 0UL)], Records.SourcesOf(again, Items));
        Assert.Equal(["records.db", "records.db-wal"], _folder.Names());
    }

    [Fact]
    public void A_store_in_use_is_refused_and_not_set_aside()
    {
        using var first = new SqliteRecordStore(Path);
        first.Apply([Records.Set(Items, [1], [1])]);
        RecordStoreException refusal = Assert.Throws<RecordStoreException>(() => new SqliteRecordStore(Path));
        Assert.Contains("another process has it open", refusal.Message, StringComparison.Ordinal);
        first.Apply([Records.Set(Items, [2], [2])]);
        Assert.Equal(["records.db", "records.db-wal"], _folder.Names());
        Assert.Equal(2, Records.Of(first, Items, 0).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flush_appends_to_the_log_and_keeps_what_was_applied(bool survivePowerCut)
    {
        using (var store = new SqliteRecordStore(new SqliteStoreOptions { Path = Path, SurvivePowerCut = survivePowerCut }))
        {
            store.Apply([Records.Set(Items, [1], [1])]);
            for (int n = 0; n < 3; n++)
            {
                long before = new FileInfo(Path + "-wal").Length;
                store.Flush();
                Assert.InRange(new FileInfo(Path + "-wal").Length - before, 1, 3 * 4200);
            }
        }

        using var again = new SqliteRecordStore(Path);
        Assert.Single(Records.Of(again, Items, 0));
    }

    [Fact]
    public void A_full_store_refuses_the_batch_whole_and_works_again_when_there_is_room()
    {
        using var store = new SqliteRecordStore(new SqliteStoreOptions { Path = Path, MaxFileBytes = 1 << 20 });
        store.Apply([.. Enumerable.Range(0, 10).Select(static n => Records.Set("first", [(byte)n], new byte[RecordLimits.MaxValueSize]))]);
        RecordStoreException full = Assert.Throws<RecordStoreException>(() =>
            store.Apply([.. Enumerable.Range(0, 10).Select(static n => Records.Set("second", [(byte)n], new byte[RecordLimits.MaxValueSize]))]));
        Assert.Contains("full", full.Message, StringComparison.Ordinal);
        Assert.Empty(Records.Of(store, "second", 0));
        Assert.Equal(10, Records.Of(store, "first", 0).Count);

        store.Apply([.. Enumerable.Range(0, 10).Select(static n => Records.Delete("first", [(byte)n]))]);
        store.Apply([Records.Set("second", [1], new byte[RecordLimits.MaxValueSize])]);
        Assert.Single(Records.Of(store, "second", 0));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_reported()
    {
        File.WriteAllText(_folder.File("file"), "");
        Assert.Throws<RecordStoreException>(() => new SqliteRecordStore(_folder.File("file/records.db")));
        Assert.Throws<RecordStoreException>(() => new SqliteRecordStore(_folder.Path));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc, a folder where nobody may create files");
        Assert.Throws<RecordStoreException>(() => new SqliteRecordStore("/proc/self/records.db"));
    }

    [Fact]
    public void A_folder_without_permission_is_reported()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "permissions do not bind root");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Assert.Throws<RecordStoreException>(() => new SqliteRecordStore(Path));
            File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void The_files_are_readable_by_their_user_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix file modes");
        string path = _folder.File("new/records.db");
        using var store = new SqliteRecordStore(path);
        store.Apply([Records.Set(Items, [1], [1])]);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path + "-wal"));
        }
    }

    [Fact]
    public void A_file_damaged_while_open_is_reported_and_set_aside_at_the_next_start()
    {
        Fill(5000);
        var store = new SqliteRecordStore(new SqliteStoreOptions { Path = Path });
        byte[] rubbish = Encoding.ASCII.GetBytes(new string('x', 4096));
        using (var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            for (file.Position = 4096 * 4; file.Position < file.Length - 4096;)
            {
                file.Write(rubbish);
            }
        }

        // SQLite still has some good pages in its cache, but not the whole file when another handle changes it.
        Exception? fault = Record.Exception(() =>
        {
            for (int n = 0; n < 5000; n++)
            {
                store.Apply([Records.Set(Items, BitConverter.GetBytes(n), new byte[700])]);
            }
        });
        store.Dispose();
        Assert.True(fault is null or RecordStoreException);
        OpenAndSetAside("damaged");
    }

    [Fact]
    public void Options_outside_their_bounds_are_the_callers_mistake()
    {
        Assert.Throws<ArgumentException>(() => new SqliteRecordStore(" "));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqliteRecordStore(new SqliteStoreOptions { Path = Path, MaxFileBytes = 4096 }));
    }

    private void Fill(int records)
    {
        using var store = new SqliteRecordStore(Path);
        store.Apply([.. Enumerable.Range(0, records).Select(static n => Records.Set(Items, BitConverter.GetBytes(n), new byte[200 + (n % 900)]))]);
    }

    private string OpenAndSetAside(string reason)
    {
        using var store = new SqliteRecordStore(Path);
        Assert.Equal(RecordStoreState.SetAside, store.Opening.State);
        Assert.Contains(reason, store.Opening.Detail, StringComparison.Ordinal);
        string aside = Directory.GetFiles(_folder.Path, "records.db.aside-*").Order(StringComparer.Ordinal).First();
        Assert.Contains(aside, store.Opening.Detail, StringComparison.Ordinal);
        Assert.Empty(Records.Of(store, Items, 0));
        store.Apply([Records.Set(Items, [1], [1])]);
        return aside;
    }

    private static void Sql(string path, string sql)
    {
        Batteries_V2.Init();
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(path, out sqlite3 database));
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_exec(database, sql));
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_close_v2(database));
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
