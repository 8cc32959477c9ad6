using Kadath.Kademlia.Storage;
using SQLitePCL;

namespace Kadath.Stores.Sqlite;

/// <summary>Says in people's words what an error of SQLite means for the store.</summary>
internal static class StoreFaults
{
    /// <summary>The exception for a fault that happened while the store was being opened, written, read, …</summary>
    public static RecordStoreException Describe(SqliteFault fault, string path, string done)
    {
        string reason = fault.Code switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another process has it open",
            raw.SQLITE_FULL => "the disk is full, or the file has reached its bound",
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => "there is no permission to write it",
            raw.SQLITE_CANTOPEN => "the file or a file beside it cannot be opened; look at the folder's permissions",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "the file is damaged; it will be set aside at the next start",
            raw.SQLITE_IOERR => "the disk reported an error",
            raw.SQLITE_NOMEM => "there is not enough memory",
            _ => "SQLite refused",
        };
        return new RecordStoreException($"The store {path} could not be {done}: {reason} (SQLite {fault.Code}: {fault.Text}).", fault);
    }
}
