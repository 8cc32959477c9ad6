using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Lookups;

/// <summary>
/// Which nodes do not speak a method beyond BEP 5, so that the next lookup asks them find_node at once. It serves contacts in and outside
/// the table alike: of the nodes that a lookup meets near its target, most are in no table. A keyed, bounded table in sets of four that
/// takes memory with the first mark.
/// </summary>
/// <remarks>
/// A lost packet looks like a method that is not spoken: a mark that rests on silence lasts a quarter of an hour at first, and four times as
/// long whenever the next try is met with silence too, up to a day. Error 204 is the node's own word, and marks it for a day. A mark goes with
/// an answer to the method, with another id, and with another version: nodes are upgraded.
/// </remarks>
internal sealed class MethodMarks(ISipHash sipHash, SipHashKey key)
{
    /// <summary>Marks at most: what a day of lookups meets; 40 bytes each.</summary>
    public const int Capacity = 4096;

    private const int Ways = 4;
    private const int SmallestSets = 8;
    private const int Methods = 2;
    private const byte MostStrikes = 4;

    /// <summary>How long the first silence counts.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMinutes(15);

    /// <summary>The longest that a mark lasts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private Mark[] _marks = [];

    /// <summary>Marks held, those that have run out included.</summary>
    public int Count { get; private set; }

    /// <summary>True if the node is not to be asked with this method now.</summary>
    public bool IsMarked(in Contact<Id160, Endpoint> node, KrpcMethod method, Instant now)
    {
        int kind = Count == 0 ? -1 : KindOf(method), at = kind < 0 ? -1 : Find(node.Handle);
        return at >= 0 && _marks[at].Id == ShortOf(node.Id) && now.Seconds < UntilOf(ref _marks[at], kind);
    }

    /// <summary>The node answered find_node where it was silent to the method.</summary>
    /// <param name="node">The node, under the id with which it answered.</param>
    /// <param name="method">What it was silent to.</param>
    /// <param name="version">Its client and version; empty where it tells none.</param>
    /// <param name="now">The time.</param>
    public void Silent(in Contact<Id160, Endpoint> node, KrpcMethod method, ReadOnlySpan<byte> version, Instant now) =>
        Set(node, method, version, strikes: 1, now);

    /// <summary>The node said that it does not know the method (error 204).</summary>
    public void Refused(in Contact<Id160, Endpoint> node, KrpcMethod method, ReadOnlySpan<byte> version, Instant now) =>
        Set(node, method, version, MostStrikes, now);

    /// <summary>The node answered: to this method, so that the mark goes, or under another id or version, so that all its marks go.</summary>
    public void Answered(in Contact<Id160, Endpoint> node, KrpcMethod method, ReadOnlySpan<byte> version)
    {
        int at = Count == 0 ? -1 : Find(node.Handle);
        if (at < 0)
        {
            return;
        }

        ref Mark mark = ref _marks[at];
        if (IsAnother(mark, node.Id, version))
        {
            Drop(ref mark);
        }
        else if (KindOf(method) is >= 0 and int kind)
        {
            UntilOf(ref mark, kind) = 0;
            StrikesOf(ref mark, kind) = 0;
            if (mark.GetUntil == 0 && mark.SampleUntil == 0)
            {
                Drop(ref mark);
            }
        }
    }

    private void Set(in Contact<Id160, Endpoint> node, KrpcMethod method, ReadOnlySpan<byte> version, byte strikes, Instant now)
    {
        int kind = KindOf(method);
        if (kind < 0)
        {
            return;
        }

        ref Mark mark = ref Place(node.Handle, now);
        if (mark.Node != node.Handle || IsAnother(mark, node.Id, version))
        {
            Count += mark.Node.IsValid ? 0 : 1;
            mark = new() { Node = node.Handle, Id = ShortOf(node.Id), Version = VersionOf(version) };
        }

        mark.Version = VersionOf(version) != 0 ? VersionOf(version) : mark.Version;
        ref byte held = ref StrikesOf(ref mark, kind);
        ref uint until = ref UntilOf(ref mark, kind);
        if (now.Seconds < until && held >= strikes)
        {
            // The same silence, seen by another lookup.
            return;
        }

        held = (byte)Math.Min(MostStrikes, Math.Max(held + 1, strikes));
        long ticks = held == MostStrikes ? Longest.Ticks : First.Ticks << (2 * (held - 1));
        until = (now + TimeSpan.FromTicks(ticks)).Seconds;
    }

    private int Find(in Endpoint node)
    {
        if (_marks.Length == 0)
        {
            return -1;
        }

        int at = FirstOf(node), end = at + Ways;
        while (at < end && _marks[at].Node != node)
        {
            at++;
        }

        return at < end ? at : -1;
    }

    /// <summary>The node's own place, a free one, or the one whose mark runs out first.</summary>
    private ref Mark Place(in Endpoint node, Instant now)
    {
        int at = Find(node);
        if (at >= 0)
        {
            return ref _marks[at];
        }

        while (true)
        {
            if (_marks.Length > 0)
            {
                int first = FirstOf(node), best = first;
                for (int i = first + 1; i < first + Ways; i++)
                {
                    best = _marks[i].Last < _marks[best].Last ? i : best;
                }

                if (_marks.Length >= Capacity || _marks[best].Last <= now.Seconds)
                {
                    Drop(ref _marks[best]);
                    return ref _marks[best];
                }
            }

            Grow();
        }
    }

    private void Grow()
    {
        Mark[] old = _marks;
        _marks = new Mark[Math.Max(SmallestSets * Ways, 2 * old.Length)];
        foreach (Mark mark in old)
        {
            if (mark.Node.IsValid)
            {
                // Doubling splits each set in two, so that there is always room.
                int at = FirstOf(mark.Node);
                while (_marks[at].Node.IsValid)
                {
                    at++;
                }

                _marks[at] = mark;
            }
        }
    }

    private void Drop(ref Mark mark)
    {
        Count -= mark.Node.IsValid ? 1 : 0;
        mark = default;
    }

    private int FirstOf(in Endpoint node)
    {
        Span<byte> compact = stackalloc byte[Endpoint.CompactSizeV6];
        ulong hash = sipHash.Hash(key, compact[..node.WriteCompact(compact)]);
        return (int)(hash & (uint)((_marks.Length / Ways) - 1)) * Ways;
    }

    // Errors often come without a version: then nothing is known against it being the same.
    private static bool IsAnother(in Mark mark, in Id160 id, ReadOnlySpan<byte> version) =>
        mark.Id != ShortOf(id) || (mark.Version != 0 && VersionOf(version) != 0 && mark.Version != VersionOf(version));

    private static int KindOf(KrpcMethod method) => method switch
    {
        KrpcMethod.Get or KrpcMethod.Put => 0,
        KrpcMethod.SampleInfohashes => 1,
        _ => -1,
    };

    private static uint ShortOf(in Id160 id) => (uint)(id.High >> 32) ^ (uint)id.High;

    private static uint VersionOf(ReadOnlySpan<byte> version) =>
        version.Length == sizeof(uint) ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(version) : 0;

    private static ref uint UntilOf(ref Mark mark, int kind) => ref kind == 0 ? ref mark.GetUntil : ref mark.SampleUntil;

    private static ref byte StrikesOf(ref Mark mark, int kind) => ref kind == 0 ? ref mark.GetStrikes : ref mark.SampleStrikes;

    private struct Mark
    {
        public Endpoint Node;
        public uint Id;
        public uint Version;
        public uint GetUntil;
        public uint SampleUntil;
        public byte GetStrikes;
        public byte SampleStrikes;

        public readonly uint Last => Math.Max(GetUntil, SampleUntil);
    }
}
