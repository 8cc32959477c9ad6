using Kadath.Kademlia.Storage;

namespace Kadath;

/// <summary>The embedded store of a data folder.</summary>
public static class KadathData
{
    /// <summary>The name of the store's file in a data folder.</summary>
    public const string FileName = "kadath.db";

    /// <summary>A factory, for <c>MainlineNodeOptions.OpenStore</c>, that opens (or makes) the store of a data folder.</summary>
    public static Func<IRecordStore> Store(string folder) => throw new InvalidOperationException("not built yet");
}
