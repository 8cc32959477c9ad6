using Kadath.Kademlia.Storage;

namespace Kadath.Stores.Sqlite;

/// <summary>
/// The embedded durable store: one SQLite file in write-ahead mode, locked for as long as it is open, one transaction a batch.
/// A batch that was applied survives the end of the process; <see cref="Flush"/>, or <see cref="SqliteStoreOptions.SurvivePowerCut"/>,
/// also a power cut. Used by one thread at a time.
/// </summary>
public sealed class SqliteRecordStore : IRecordStore
{
    private readonly Database _database;
    private readonly Statements _statements;
    private readonly Dictionary<string, long> _collections = new(StringComparer.Ordinal);
    private readonly bool _survivePowerCut;
    private bool _damaged;
    private bool _disposed;

    /// <summary>Opens or creates the store at a path, with the other options at their defaults.</summary>
    /// <inheritdoc cref="SqliteRecordStore(SqliteStoreOptions)" path="/exception"/>
    public SqliteRecordStore(string path)
        : this(new SqliteStoreOptions { Path = path })
    {
    }

    /// <summary>Opens or creates the store. A file that is damaged, foreign or newer is set aside; see <see cref="Opening"/>.</summary>
    /// <exception cref="RecordStoreException">The file is in use, or the folder or disk does not allow it.</exception>
    public SqliteRecordStore(SqliteStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _survivePowerCut = options.SurvivePowerCut;
        (_database, _statements, Opening) = StoreFile.Open(options);
    }

    /// <inheritdoc/>
    public RecordStoreOpening Opening { get; }

    /// <summary>The file's full path.</summary>
    public string Path => _database.Path;

    /// <inheritdoc/>
    public void Load(string collection, long nowUnixMilliseconds, RecordVisitor visit)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RecordLimits.CheckCollection(collection);
        ArgumentNullException.ThrowIfNull(visit);
        try
        {
            if (!TryFindCollection(collection, out long id))
            {
                return;
            }

            _statements.Load.Bind(1, id);
            _statements.Load.Bind(2, nowUnixMilliseconds);
            while (_statements.Load.Step())
            {
                visit(_statements.Load.Blob(0), _statements.Load.Blob(1), unchecked((ulong)_statements.Load.Integer(3)), _statements.Load.Integer(2));
            }
        }
        catch (SqliteFault fault)
        {
            throw Describe(fault, "read");
        }
        finally
        {
            _statements.Load.Reset();
        }
    }

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<RecordChange> batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RecordLimits.Check(batch);
        if (batch.IsEmpty)
        {
            return;
        }

        try
        {
            _statements.Begin.Run();
            foreach (ref readonly RecordChange change in batch)
            {
                Apply(change);
            }

            _statements.Commit.Run();
        }
        catch (SqliteFault fault)
        {
            RollBack();
            throw Describe(fault, "written");
        }
    }

    /// <inheritdoc/>
    public int Expire(long nowUnixMilliseconds, int limit)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        try
        {
            int expired = 0;
            _statements.Expire.Bind(1, nowUnixMilliseconds);
            _statements.Expire.Bind(2, limit);
            while (_statements.Expire.Step())
            {
                expired++;
            }

            return expired;
        }
        catch (SqliteFault fault)
        {
            throw Describe(fault, "written");
        }
        finally
        {
            _statements.Expire.Reset();
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            _database.Sync(_survivePowerCut);
        }
        catch (SqliteFault fault)
        {
            throw Describe(fault, "flushed");
        }
    }

    /// <summary>Marks the store as closed properly, and closes it. Never throws: a store that could not be marked is checked at the next start.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _statements.Dispose();
        try
        {
            if (!_damaged)
            {
                _database.Execute("UPDATE state SET value = 1 WHERE name = 'clean'");
                _database.Checkpoint();
            }
        }
        catch (SqliteFault)
        {
            // Everything applied is in the log already; the next start recovers it and says so.
        }

        _database.Dispose();
    }

    private void Apply(in RecordChange change)
    {
        if (change.Value is null)
        {
            if (TryFindCollection(change.Collection, out long known))
            {
                _statements.Delete.Bind(1, known);
                _statements.Delete.Bind(2, change.Key);
                _statements.Delete.Run();
            }

            return;
        }

        _statements.Set.Bind(1, TryFindCollection(change.Collection, out long id) ? id : AddCollection(change.Collection));
        _statements.Set.Bind(2, change.Key);
        _statements.Set.Bind(3, change.Value);
        _statements.Set.Bind(4, change.ExpiresUnixMilliseconds);
        // SQLite has signed integers only: the same 64 bits.
        _statements.Set.Bind(5, unchecked((long)change.Source));
        _statements.Set.Run();
    }

    private bool TryFindCollection(string name, out long id)
    {
        if (_collections.TryGetValue(name, out id))
        {
            return true;
        }

        try
        {
            _statements.FindCollection.Bind(1, name);
            if (!_statements.FindCollection.Step())
            {
                return false;
            }

            id = _statements.FindCollection.Integer(0);
        }
        finally
        {
            _statements.FindCollection.Reset();
        }

        _collections.Add(name, id);
        return true;
    }

    private long AddCollection(string name)
    {
        try
        {
            _statements.AddCollection.Bind(1, name);
            _statements.AddCollection.Step();
            long id = _statements.AddCollection.Integer(0);
            _statements.AddCollection.Step();
            _collections.Add(name, id);
            return id;
        }
        finally
        {
            _statements.AddCollection.Reset();
        }
    }

    private void RollBack()
    {
        // A collection that the failed batch added is gone again.
        _collections.Clear();
        if (_database.AutoCommits)
        {
            return;
        }

        try
        {
            _database.Execute("ROLLBACK");
        }
        catch (SqliteFault)
        {
            // The fault that caused the roll-back is the one to report.
        }
    }

    private RecordStoreException Describe(SqliteFault fault, string done)
    {
        _damaged |= fault.FileIsDamaged;
        return StoreFaults.Describe(fault, _database.Path, done);
    }
}
