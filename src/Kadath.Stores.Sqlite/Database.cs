using SQLitePCL;

namespace Kadath.Stores.Sqlite;

/// <summary>A connection to one SQLite file, held by one thread at a time: opens, runs statements, and turns every error into <see cref="SqliteFault"/>.</summary>
internal sealed class Database : IDisposable
{
    private sqlite3 _handle;

    static Database() => Batteries_V2.Init();

    private Database(string path, sqlite3 handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>True while no transaction is open.</summary>
    public bool AutoCommits => raw.sqlite3_get_autocommit(_handle) != 0;

    /// <summary>Opens the file for reading and writing, and creates it where it is missing.</summary>
    public static Database Open(string path)
    {
        const int flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, flags, null);
        var database = new Database(path, handle);
        try
        {
            database.Check(code);
            if (raw.sqlite3_db_readonly(handle, "main") == 1)
            {
                throw new SqliteFault(raw.SQLITE_READONLY, "the file may only be read");
            }

            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that return nothing of interest.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>The first column of the first row as an integer; 0 if there is none.</summary>
    public long Number(string sql)
    {
        using Statement statement = Prepare(sql);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    /// <summary>The first column of the first row as text; null if there is none.</summary>
    public string? Text(string sql)
    {
        using Statement statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>Prepares a statement that is kept and used again.</summary>
    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement));
        return new Statement(this, statement);
    }

    /// <summary>
    /// Forces the write-ahead log to the medium, and with it all that was committed before: by one small commit that waits for it. That costs
    /// a page and a sync; a checkpoint would cost the pages of all changes and two syncs.
    /// </summary>
    /// <param name="survivePowerCut">Whether every commit waits for the medium from then on.</param>
    public void Sync(bool survivePowerCut)
    {
        Execute("PRAGMA synchronous = FULL");
        try
        {
            // A row that really changes: SQLite does not write a page to which nothing happens, and syncs nothing then.
            Execute("INSERT INTO state VALUES('syncs', 1) ON CONFLICT DO UPDATE SET value = value + 1");
        }
        finally
        {
            Execute($"PRAGMA synchronous = {(survivePowerCut ? "FULL" : "NORMAL")}");
        }
    }

    /// <summary>Copies the write-ahead log into the file, forces that to the medium, and empties the log.</summary>
    public void Checkpoint() => Check(raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _));

    /// <summary>Throws <see cref="SqliteFault"/> unless the code means success.</summary>
    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            string text = _handle is null || _handle.IsInvalid ? raw.sqlite3_errstr(code).utf8_to_string() : raw.sqlite3_errmsg(_handle).utf8_to_string();
            throw new SqliteFault(code & 0xFF, text);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle is not null)
        {
            raw.sqlite3_close_v2(_handle);
            _handle = null!;
        }
    }
}

/// <summary>An error that SQLite reported, before it is known what it means for the store.</summary>
/// <param name="code">The primary result code.</param>
/// <param name="text">SQLite's own words.</param>
internal sealed class SqliteFault(int code, string text) : Exception($"SQLite error {code}: {text}")
{
    /// <summary>The primary result code.</summary>
    public int Code { get; } = code;

    /// <summary>SQLite's own words.</summary>
    public string Text { get; } = text;

    /// <summary>True if the file itself is at fault, not the disk or the system around it.</summary>
    public bool FileIsDamaged => Code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;
}
