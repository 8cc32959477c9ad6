namespace Kadath.Stores.Sqlite;

/// <summary>The options of a <see cref="SqliteRecordStore"/>.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The database file; its folder is created where it is missing.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Wait for the medium at every batch (SQLite: synchronous FULL), so that even a power cut loses nothing that was applied. Off by default:
    /// a batch then survives the end of the process at once, and a power cut from the next <see cref="SqliteRecordStore.Flush"/> or checkpoint on.
    /// </summary>
    public bool SurvivePowerCut { get; init; }

    /// <summary>Bytes to which the file may grow, 1 MiB to 1 TiB. At the bound batches are refused as if the disk were full. The default holds ten times what a node keeps by default.</summary>
    public long MaxFileBytes { get; init; } = 4L << 30;

    /// <summary>Gives the time that is part of the name under which a file is set aside.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Path, nameof(Path));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFileBytes, 1L << 20, nameof(MaxFileBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxFileBytes, 1L << 40, nameof(MaxFileBytes));
        ArgumentNullException.ThrowIfNull(Clock, nameof(Clock));
    }
}
