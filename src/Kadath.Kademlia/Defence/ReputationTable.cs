using System.Numerics;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>What we saw of a peer ourselves.</summary>
public enum PeerConduct : byte
{
    /// <summary>It answered as it should.</summary>
    Answered,

    /// <summary>It stored what it was given, or returned a valid record.</summary>
    Served,

    /// <summary>It did not answer.</summary>
    Silent,

    /// <summary>Contacts that it named could not be reached.</summary>
    NamedDead,

    /// <summary>It broke the protocol, or returned what was not valid.</summary>
    Lied,
}

/// <summary>
/// First-hand reputation: a score per key (an address or a subnet) from −100 to 100 that fades by half every ten minutes. Only what this node saw counts;
/// what others say is never asked. A bounded table in sets of four: at the bound the score nearest to neutral is forgotten.
/// It may change in which order peers are asked, never whom the engine admits, confirms or evicts.
/// </summary>
public sealed class ReputationTable
{
    private const int Ways = 4;
    private const float Limit = 100;
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(10);

    private readonly ulong _secret;
    private readonly int _sets;
    private Place[] _places = [];

    /// <summary>Creates an empty table; it takes memory with the first score.</summary>
    /// <param name="entropy">The secret of its hash.</param>
    /// <param name="capacity">Scores at most, 16 to 65,536, rounded up to a power of two; 16 bytes each.</param>
    public ReputationTable(EntropyStream entropy, int capacity = 1024)
    {
        RecordBounds.Within(capacity, 16, 65_536, nameof(capacity));
        _secret = entropy.NextUInt64() | 1;
        _sets = (int)BitOperations.RoundUpToPowerOf2((uint)capacity) / Ways;
    }

    /// <summary>Takes down what a peer did. Key 0 has no reputation.</summary>
    public void Record(ulong key, PeerConduct conduct, Instant now)
    {
        if (key == 0)
        {
            return;
        }

        _places = _places.Length == 0 ? new Place[_sets * Ways] : _places;
        ref Place place = ref _places[Find(key, now, orWeakest: true)];
        float score = place.Key == key ? Faded(place, now) : 0;
        float change = conduct switch
        {
            PeerConduct.Answered => 1,
            PeerConduct.Served => 3,
            PeerConduct.Silent => -2,
            PeerConduct.NamedDead => -1,
            _ => -25,
        };
        place = new() { Key = key, Score = Math.Clamp(score + change, -Limit, Limit), At = now.Seconds };
    }

    /// <summary>The score now, from −100 to 100; 0 for a stranger.</summary>
    public double Score(ulong key, Instant now)
    {
        int at = key == 0 || _places.Length == 0 ? -1 : Find(key, now, orWeakest: false);
        return at < 0 ? 0 : Faded(_places[at], now);
    }

    private int Find(ulong key, Instant now, bool orWeakest)
    {
        ulong high = Math.BigMul(key ^ _secret, 0x9E3779B97F4A7C15UL, out ulong low);
        high = Math.BigMul(high ^ low, _secret, out low);
        int first = ((int)(high ^ low) & (_sets - 1)) * Ways, weakest = first;
        for (int at = first; at < first + Ways; at++)
        {
            if (_places[at].Key == key)
            {
                return at;
            }

            weakest = Math.Abs(Faded(_places[at], now)) < Math.Abs(Faded(_places[weakest], now)) ? at : weakest;
        }

        return orWeakest ? weakest : -1;
    }

    /// <summary>Halves by whole half-lives and linearly within one: exact on every machine.</summary>
    private static float Faded(in Place place, Instant now)
    {
        long age = Math.Max(now.Seconds - (long)place.At, 0), half = HalfLife.Ticks / TimeSpan.TicksPerSecond;
        return age >= 32 * half ? 0 : place.Score / (1L << (int)(age / half)) * (1 - (0.5f * (age % half) / half));
    }

    private struct Place
    {
        public ulong Key;
        public float Score;
        public uint At;
    }
}

/// <summary>A lookup policy that asks peers of ill repute last among the k closest, and leaves everything else to the plain rule.</summary>
public sealed class ReputationPolicy<TId, THandle>(ReputationTable table, IContactRules<TId, THandle> rules) : ILookupPolicy<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>The time by which scores are judged; the network sets it before it drives its lookups.</summary>
    public Instant Now { get; set; }

    /// <summary>Good standing is no advantage over distance: only a score below zero weighs, in steps of ten.</summary>
    public int Weight(in Contact<TId, THandle> contact) => (int)Math.Min(table.Score(rules.GroupsOf(contact.Handle).Narrow, Now) / 10, 0);
}
