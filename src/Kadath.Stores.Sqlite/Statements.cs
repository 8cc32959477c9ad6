namespace Kadath.Stores.Sqlite;

/// <summary>The statements of a store, prepared once. Preparing them also proves that the file has the tables it should have.</summary>
internal sealed class Statements(Database database) : IDisposable
{
    /// <summary>Begins a transaction.</summary>
    public Statement Begin { get; } = database.Prepare("BEGIN IMMEDIATE");

    /// <summary>Ends a transaction.</summary>
    public Statement Commit { get; } = database.Prepare("COMMIT");

    /// <summary>Sets a record: collection, key, value, expiry, source.</summary>
    public Statement Set { get; } = database.Prepare(
        "INSERT INTO record(collection, key, value, expires, source) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET value = ?3, expires = ?4, source = ?5");

    /// <summary>Deletes a record: collection, key.</summary>
    public Statement Delete { get; } = database.Prepare("DELETE FROM record WHERE collection = ?1 AND key = ?2");

    /// <summary>Key, value, expiry and source of what has not expired: collection, now.</summary>
    public Statement Load { get; } = database.Prepare(
        "SELECT key, value, expires, source FROM record WHERE collection = ?1 AND (expires > ?2 OR expires = 9223372036854775807) ORDER BY key");

    /// <summary>Deletes what has expired, and gives a row for each: now, limit.</summary>
    public Statement Expire { get; } = database.Prepare("""
        DELETE FROM record WHERE (collection, key) IN
            (SELECT collection, key FROM record WHERE expires <= ?1 AND expires < 9223372036854775807 ORDER BY expires LIMIT ?2)
        RETURNING 1
        """);

    /// <summary>A collection's number: name.</summary>
    public Statement FindCollection { get; } = database.Prepare("SELECT id FROM collection WHERE name = ?1");

    /// <summary>Adds a collection and gives its number: name.</summary>
    public Statement AddCollection { get; } = database.Prepare("INSERT INTO collection(name) VALUES(?1) RETURNING id");

    /// <inheritdoc/>
    public void Dispose()
    {
        Begin.Dispose();
        Commit.Dispose();
        Set.Dispose();
        Delete.Dispose();
        Load.Dispose();
        Expire.Dispose();
        FindCollection.Dispose();
        AddCollection.Dispose();
    }
}
