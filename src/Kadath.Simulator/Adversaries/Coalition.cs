using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Mainline.Addresses;
using Kadath.Primitives;

namespace Kadath.Simulator.Adversaries;

/// <summary>
/// What the dishonest nodes of a network know together, at once and without cost: each other. Every address may be used under its eight
/// ids of BEP 42, one for each value of the low three bits of the last byte.
/// </summary>
internal sealed class Coalition(EntropyStream chance)
{
    private const int IdsPerAddress = 8;
    private const int MostInvented = 1 << 20;

    private readonly List<(Id160 Id, int Member)> _ids = [];
    private readonly List<Endpoint> _members = [];
    private readonly Dictionary<(Endpoint Asker, Endpoint Member), Id160> _invented = [];
    private bool _sorted = true;
    private FakeContacts? _fakes;

    /// <summary>What they do.</summary>
    public required AdversaryBehaviour Behaviour { get; init; }

    /// <summary>Contacts in a reply: as many as honest nodes of the network give.</summary>
    public required int NodesPerReply { get; init; }

    /// <summary>Whether they misbehave already.</summary>
    public bool Active { get; set; } = true;

    /// <summary>Members.</summary>
    public int Count => _members.Count;

    /// <summary>Takes a member in, with all ids that fit its address; returns its number.</summary>
    public int Join(in Endpoint endpoint, in Id160 id)
    {
        int member = _members.Count;
        _members.Add(endpoint);
        Span<byte> bytes = stackalloc byte[20];
        id.Write(bytes);
        byte last = bytes[19];
        for (int i = 0; i < IdsPerAddress; i++)
        {
            id.Write(bytes);
            bytes[19] = (byte)((last & ~7) | ((last + i) & 7));
            if (i > 0)
            {
                SecureId.Bind(bytes, endpoint, CryptoProvider.Default.Crc32C);
            }

            _ids.Add((Id160.Read(bytes), member));
        }

        _sorted = false;
        return member;
    }

    /// <summary>Of a member's ids the one closest to the target.</summary>
    public static Id160 IdFor(in Endpoint endpoint, in Id160 joined, in Id160 target)
    {
        Span<byte> bytes = stackalloc byte[20];
        Id160 best = joined;
        for (int i = 1; i < IdsPerAddress; i++)
        {
            joined.Write(bytes);
            bytes[19] = (byte)((bytes[19] & ~7) | ((bytes[19] + i) & 7));
            SecureId.Bind(bytes, endpoint, CryptoProvider.Default.Crc32C);
            var id = Id160.Read(bytes);
            best = NodeIds.CompareDistance(target, id, best) < 0 ? id : best;
        }

        return best;
    }

    /// <summary>The id that was invented for a member when it was last named to somebody; its own where that has not happened.</summary>
    public Id160 InventedFor(in Endpoint asker, in Endpoint member, in Id160 joined) =>
        _invented.TryGetValue((asker, member), out Id160 id) ? id : joined;

    /// <summary>The contacts that a member names to somebody for a target; returns how many.</summary>
    public int Name(in Id160 target, in Endpoint asker, Span<Contact<Id160, Endpoint>> into) => Behaviour switch
    {
        AdversaryBehaviour.DeadFakes => InventDead(target, into),
        AdversaryBehaviour.Fabricate => Invent(target, asker, into),
        _ => Closest(target, into),
    };

    // Each address once, under its closest id: honest nodes rely on one node per address anyway.
    private int Closest(in Id160 target, Span<Contact<Id160, Endpoint>> into)
    {
        Sort();
        (int from, int to) = (0, _ids.Count);
        for (int bits = 1; to - from > 4 * into.Length; bits++)
        {
            (int low, int high) = (Bound(target, bits, from, to, after: false), Bound(target, bits, from, to, after: true));
            if (high - low < 2 * into.Length)
            {
                break;
            }

            (from, to) = (low, high);
        }

        int count = 0;
        for (int i = from; i < to; i++)
        {
            count = Insert(target, into, count, new(_ids[i].Id, _members[_ids[i].Member]));
        }

        return count;
    }

    private static int Insert(in Id160 target, Span<Contact<Id160, Endpoint>> into, int count, in Contact<Id160, Endpoint> contact)
    {
        for (int i = 0; i < count; i++)
        {
            if (into[i].Handle == contact.Handle)
            {
                if (NodeIds.CompareDistance(target, contact.Id, into[i].Id) >= 0)
                {
                    return count;
                }

                into[(i + 1)..count].CopyTo(into[i..]);
                count--;
                break;
            }
        }

        int at = count;
        while (at > 0 && NodeIds.CompareDistance(target, contact.Id, into[at - 1].Id) < 0)
        {
            at--;
        }

        if (at == into.Length)
        {
            return count;
        }

        count = Math.Min(count + 1, into.Length);
        into[at..(count - 1)].CopyTo(into[(at + 1)..]);
        into[at] = contact;
        return count;
    }

    // Closer than any honest node of a network of millions: 40 leading bits are the target's.
    private int Invent(in Id160 target, in Endpoint asker, Span<Contact<Id160, Endpoint>> into)
    {
        if (_invented.Count > MostInvented)
        {
            _invented.Clear();
        }

        for (int i = 0; i < into.Length; i++)
        {
            var id = Id160.Splice(target, NodeIds.Random<Id160>(chance), 40);
            Endpoint member = _members[chance.NextBelow(_members.Count)];
            into[i] = new(id, member);
            _invented[(asker, member)] = id;
        }

        return into.Length;
    }

    private int InventDead(in Id160 target, Span<Contact<Id160, Endpoint>> into)
    {
        _fakes ??= new(chance);
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = _fakes.Next(target);
        }

        return into.Length;
    }

    private int Bound(in Id160 target, int bits, int low, int high, bool after)
    {
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = Id160.Compare(Id160.Splice(_ids[middle].Id, default, bits), Id160.Splice(target, default, bits));
            if (order < 0 || (after && order == 0))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Sort()
    {
        if (!_sorted)
        {
            _ids.Sort(static (a, b) => Id160.Compare(a.Id, b.Id) is not 0 and var order ? order : a.Member.CompareTo(b.Member));
            _sorted = true;
        }
    }
}
