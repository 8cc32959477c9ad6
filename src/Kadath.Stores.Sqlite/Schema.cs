namespace Kadath.Stores.Sqlite;

/// <summary>The tables of a store's file, and the steps that bring an older file up to date.</summary>
internal static class Schema
{
    /// <summary>"KDHT": tells a store from every other SQLite file (PRAGMA application_id).</summary>
    public const int ApplicationId = 0x4B444854;

    /// <summary>The version this code writes (PRAGMA user_version): the number of migrations.</summary>
    public static int Version => Migrations.Length;

    /// <summary>
    /// Step n brings a file of version n to version n + 1. A step that was released is never changed.
    /// The records sit in the primary key's own tree, in key order; expiry has an index of its own, without the records that never expire.
    /// </summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE collection(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE record(
            collection INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, expires INTEGER NOT NULL,
            PRIMARY KEY(collection, key)) STRICT, WITHOUT ROWID;
        CREATE INDEX record_expires ON record(expires) WHERE expires < 9223372036854775807;
        CREATE TABLE state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO state VALUES('clean', 0);
        """,
        // Records of an older file count against nobody's quota: they are gone within hours. A column with a default costs no rewrite.
        "ALTER TABLE record ADD COLUMN source INTEGER NOT NULL DEFAULT 0;",
    ];

    /// <summary>True for a file without any content of anybody's: new, or left behind by a crash during creation.</summary>
    public static bool IsEmpty(Database database) =>
        database.Number("PRAGMA application_id") == 0 && database.Number("PRAGMA user_version") == 0 && database.Number("SELECT count(*) FROM sqlite_schema") == 0;

    /// <summary>Brings the file from its version to <see cref="Version"/> in one transaction.</summary>
    public static void Migrate(Database database, int from)
    {
        database.Execute("BEGIN IMMEDIATE");
        for (int step = from; step < Version; step++)
        {
            database.Execute(Migrations[step]);
        }

        database.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}; COMMIT");
    }
}
