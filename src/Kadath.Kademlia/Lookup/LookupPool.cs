using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// Lookups that the nodes of one loop share, so that an idle node holds none and a busy one allocates none. Single-threaded.
/// </summary>
public sealed class LookupPool<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    private readonly Stack<LookupMachine<TId, THandle>> _idle = new();
    private readonly int _retained;

    /// <summary>Creates a pool that keeps at most <paramref name="retained"/> idle lookups (about 10 to 40 KB each).</summary>
    public LookupPool(int retained = 64) => _retained = retained;

    /// <summary>A lookup that is ready to be started.</summary>
    public LookupMachine<TId, THandle> Rent() => _idle.TryPop(out LookupMachine<TId, THandle>? lookup) ? lookup : new();

    /// <summary>Resets a lookup and takes it back; the caller keeps no reference.</summary>
    public void Return(LookupMachine<TId, THandle> lookup)
    {
        lookup.Reset();
        if (_idle.Count < _retained)
        {
            _idle.Push(lookup);
        }
    }
}
