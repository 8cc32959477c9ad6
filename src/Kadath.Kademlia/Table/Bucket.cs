namespace Kadath.Kademlia;

/// <summary>A bucket: its counts and times; rows and candidates lie in chunks of the slab. 36 bytes.</summary>
internal struct Bucket
{
    /// <summary>No chunk.</summary>
    public const int None = -1;

    /// <summary>No index of groups.</summary>
    public const byte NoGroups = byte.MaxValue;

    /// <summary>Where the numbers of its chunks begin in the table's list.</summary>
    public int First;

    /// <summary>The chunk of its replacement cache, or <see cref="None"/>.</summary>
    public int CandidateChunk;

    /// <summary>When a contact last entered or left, in seconds.</summary>
    public uint LastChanged;

    /// <summary>When to look for something to check, in seconds; <see cref="uint.MaxValue"/> as long as no candidate waits.</summary>
    public uint NextCheck;

    /// <summary>When maintenance refreshes it next, in seconds; 0 if it has not been scheduled.</summary>
    public uint NextRefresh;

    /// <summary>Until when no live contact may be displaced again, in seconds.</summary>
    public uint SettledUntil;

    /// <summary>Until when a full replacement cache takes no other candidate, in seconds.</summary>
    public uint CandidatesUntil;

    /// <summary>Leading bits that its contacts share.</summary>
    public byte Depth;

    /// <summary>Contacts.</summary>
    public byte Count;

    /// <summary>Live contacts.</summary>
    public byte Live;

    /// <summary>Candidates, oldest first.</summary>
    public byte Candidates;

    /// <summary>Contacts that entered or failed since the last refresh, saturating.</summary>
    public byte Churn;

    /// <summary>Minutes between refreshes, as adapted.</summary>
    public byte RefreshMinutes;

    /// <summary>Number of its index of groups, or <see cref="NoGroups"/>.</summary>
    public byte Groups;

    public void AddChurn() => Churn = (byte)Math.Min(Churn + 1, byte.MaxValue);
}
