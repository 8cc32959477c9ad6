using System.Globalization;
using Kadath.Kademlia.Storage;

namespace Kadath.Stores.Sqlite;

/// <summary>
/// Opens the file of a store: recognises it, repairs what a crash left, sets aside what it must not touch, and creates what is missing.
/// Only SQLite ever opens the file: on POSIX, closing any other handle to it would drop the lock of a store in the same process.
/// </summary>
internal static class StoreFile
{
    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

    /// <summary>Opens or creates the file; a file that is damaged, foreign or from a newer version is moved away first.</summary>
    public static (Database Database, Statements Statements, RecordStoreOpening Opening) Open(SqliteStoreOptions options)
    {
        string path = Path.GetFullPath(options.Path);
        try
        {
            CreateFolder(path);
            string? fault = Forbidden(path);
            if (fault is null && TryOpen(path, options, out fault) is { } found)
            {
                return found;
            }

            string aside = SetAside(path, options.Clock.GetUtcNow());
            (Database database, Statements statements, _) = TryOpen(path, options, out string? again)
                ?? throw new RecordStoreException($"The store {path} could not be created: {again}.");
            string detail = $"The store {path} could not be used: {fault}. It was set aside as {aside}, and a new one was made.";
            return (database, statements, new RecordStoreOpening(RecordStoreState.SetAside, detail));
        }
        catch (SqliteFault fault)
        {
            throw StoreFaults.Describe(fault, path, "opened");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RecordStoreException($"The store {path} could not be opened: {e.Message}", e);
        }
    }

    /// <summary>Null, with the reason, if the file itself is at fault; throws if anything around it is.</summary>
    private static (Database, Statements, RecordStoreOpening)? TryOpen(string path, SqliteStoreOptions options, out string? fault)
    {
        CreatePrivately(path);
        Database database = Database.Open(path);
        bool usable = false;
        try
        {
            fault = Examine(database, out int version);
            if (fault is not null)
            {
                return null;
            }

            Configure(database, options);
            if (Begin(database, version) is not { } opening)
            {
                fault = "it is damaged";
                return null;
            }

            var statements = new Statements(database);
            usable = true;
            return (database, statements, opening);
        }
        catch (SqliteFault e) when (e.FileIsDamaged)
        {
            fault = $"it is no SQLite database, or damaged ({e.Text})";
            return null;
        }
        catch (SqliteFault e) when (e.Code == SQLitePCL.raw.SQLITE_ERROR)
        {
            fault = $"its tables are not those of a store ({e.Text})";
            return null;
        }
        finally
        {
            if (!usable)
            {
                database.Dispose();
            }
        }
    }

    /// <summary>Says why the file is not ours to use, or null; a version of 0 means an empty file.</summary>
    private static string? Examine(Database database, out int version)
    {
        // In exclusive mode the first access takes the lock and keeps it; a second process gets SQLITE_BUSY there.
        database.Execute("PRAGMA locking_mode = EXCLUSIVE");
        version = 0;
        if (Schema.IsEmpty(database))
        {
            return null;
        }

        long application = database.Number("PRAGMA application_id");
        if (application != Schema.ApplicationId)
        {
            return $"it belongs to another program (SQLite application id {application})";
        }

        version = (int)database.Number("PRAGMA user_version");
        return version > Schema.Version ? $"a newer Kadath wrote it (version {version}, this one knows {Schema.Version})" : null;
    }

    private static void Configure(Database database, SqliteStoreOptions options)
    {
        string? mode = database.Text("PRAGMA journal_mode = WAL");
        if (!string.Equals(mode, "wal", StringComparison.OrdinalIgnoreCase))
        {
            throw new SqliteFault(SQLitePCL.raw.SQLITE_IOERR, $"write-ahead logging is not possible here (mode {mode})");
        }

        long pageSize = database.Number("PRAGMA page_size");
        // Checkpoints every 4,000 pages (16 MB) and a cache of 16 MB: a third of the write cost of SQLite's defaults at a million records.
        database.Execute($"""
            PRAGMA synchronous = {(options.SurvivePowerCut ? "FULL" : "NORMAL")};
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -16384;
            PRAGMA max_page_count = {options.MaxFileBytes / pageSize};
            PRAGMA trusted_schema = OFF;
            """);
    }

    /// <summary>Creates or migrates the tables, checks the file, and marks it as in use; null if it is damaged.</summary>
    private static RecordStoreOpening? Begin(Database database, int version)
    {
        bool created = version == 0;
        bool clean = created || database.Number("SELECT value FROM state WHERE name = 'clean'") == 1;
        if (!created && database.Text("PRAGMA quick_check(1)") != "ok")
        {
            return null;
        }

        Schema.Migrate(database, version);
        database.Execute("UPDATE state SET value = 0 WHERE name = 'clean'");
        return created ? new RecordStoreOpening(RecordStoreState.Created, null)
            : clean ? new RecordStoreOpening(RecordStoreState.Clean, null)
            : new RecordStoreOpening(RecordStoreState.Recovered, $"The store {database.Path} was not closed properly the last time; it was checked and is whole.");
    }

    /// <summary>
    /// Says why SQLite must not even see the file, or null. It would delete the log beside an empty file, though that log is all that is left
    /// of a store; and it takes a file of less than its smallest page for an empty one, and overwrites it.
    /// </summary>
    private static string? Forbidden(string path)
    {
        const int smallestPage = 512;
        var log = new FileInfo(path + "-wal");
        var file = new FileInfo(path);
        long length = file.Exists ? file.Length : 0;
        return length is > 0 and < smallestPage ? "it is no SQLite database (too short)"
            : length == 0 && log.Exists && log.Length > 0 ? "it is empty, but its write-ahead log is not"
            : null;
    }

    private static void CreateFolder(string path)
    {
        string? folder = Path.GetDirectoryName(path);
        if (Directory.Exists(path))
        {
            throw new IOException("it is a folder.");
        }

        if (folder is null || Directory.Exists(folder))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>What a node keeps tells who announced what: the file is its user's alone. SQLite gives the log the same mode.</summary>
    private static void CreatePrivately(string path)
    {
        if (OperatingSystem.IsWindows() || File.Exists(path))
        {
            return;
        }

        using var _ = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    /// <summary>Renames the file and what belongs to it, and returns the new name.</summary>
    private static string SetAside(string path, DateTimeOffset now)
    {
        string stem = string.Create(CultureInfo.InvariantCulture, $"{path}.aside-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        string aside = stem;
        for (int n = 2; Companions.Prepend("").Any(suffix => File.Exists(aside + suffix)); n++)
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{stem}-{n}");
        }

        foreach (string suffix in Companions.Prepend(""))
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, aside + suffix);
            }
        }

        return aside;
    }
}
