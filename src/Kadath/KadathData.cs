using Kadath.Kademlia.Storage;
using Kadath.Stores.Sqlite;

namespace Kadath;

/// <summary>The embedded store of a data folder.</summary>
public static class KadathData
{
    /// <summary>The name of the store's file in a data folder.</summary>
    public const string FileName = "kadath.db";

    /// <summary>A factory, for <c>MainlineNodeOptions.OpenStore</c>, that opens the store of a data folder, and makes both where they are missing.</summary>
    /// <param name="folder">The data folder.</param>
    public static Func<IRecordStore> Store(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return () =>
        {
            try
            {
                Directory.CreateDirectory(folder);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new RecordStoreException($"the data folder {folder} cannot be made: {fault.Message}", fault);
            }

            return new SqliteRecordStore(Path.Combine(folder, FileName));
        };
    }
}
