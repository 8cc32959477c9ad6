using System.Runtime.CompilerServices;
using Kadath.Primitives;

namespace Kadath.Kademlia;

public sealed partial class LookupMachine<TId, THandle>
{
    // Candidates of one group that may wait beyond the limit, so that a place given back by a failed node is filled.
    private const int GroupSlack = 2;

    private readonly IndexList _order = new();
    private readonly IndexList _asked = new();
    private readonly IndexList _pending = new();
    private readonly IndexList _nameless = new();
    private readonly IndexList _answers = new();
    private readonly IndexList _free = new();
    private readonly int[] _candidatesOf = new int[8];
    private readonly int[] _inFlightOf = new int[8];
    private Node[] _nodes = new Node[InitialNodes];
    private int _nodeCount;
    private int _nextPath;

    private struct Node
    {
        public Contact<TId, THandle> Contact;
        public GroupKeys Groups;
        public Instant SentAt;
        public Instant Soft;
        public Instant Hard;
        public ulong Ticket;
        public long RoundTrip;
        public long SoftTicks;
        public short Referrer;
        public ushort Depth;
        public ushort Given;
        public LookupPeerState State;
        public RpcFailure Failure;
        public byte Paths;
        public byte Owner;
        public byte AskedPath;
        public bool Used;
        public bool Asked;
        public bool Pending;
        public bool Final;
        public bool Overdue;
        public bool Plain;
        public bool Again;
        public bool Nameless;
        public int Weight;
    }

    /// <summary>What one path sees of its window: the closest candidates until k of them are live or may be.</summary>
    private ref struct PathView
    {
        /// <summary>The candidate to ask next, or -1.</summary>
        public int Pick;

        /// <summary>Of the window, how many have answered.</summary>
        public int Confirmed;

        /// <summary>All k of the window have answered.</summary>
        public bool Full;

        /// <summary>An answer is awaited that is not overdue: the window is not judged without it.</summary>
        public bool Waiting;

        /// <summary>An answer that is overdue may still come, and is worth a little more time where fewer than k have answered.</summary>
        public bool Overdue;
    }

    /// <summary>Takes a contact into the shortlist, or lets it go: admission is now or never.</summary>
    private bool Admit(in Contact<TId, THandle> contact, int path, int referrer, int depth)
    {
        if (contact.Id.Equals(_request.Self))
        {
            return false;
        }

        int at = Position(contact, out int known);
        if (known >= 0)
        {
            _nodes[known].Paths |= (byte)(1 << path);
            return false;
        }

        GroupKeys groups = _rules.GroupsOf(contact.Handle);
        if (CrowdedOut(groups) || !MakeRoom(path, at))
        {
            return false;
        }

        int index = NewNode();
        _nodes[index] = new Node
        {
            Contact = contact,
            Groups = groups,
            Used = true,
            Referrer = (short)referrer,
            Depth = (ushort)Math.Min(depth, ushort.MaxValue),
            Paths = (byte)(1 << path),
            Owner = (byte)path,
            Weight = _policy.Weight(contact),
        };
        _rules.Retain(contact.Handle);
        _candidatesOf[path]++;
        _order.Insert(at, (ushort)index);
        return true;
    }

    /// <summary>Where the contact belongs in the order, and the node that already is that contact, or -1.</summary>
    private int Position(in Contact<TId, THandle> contact, out int known)
    {
        int low = 0, high = _order.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (NodeIds.CompareDistance(_request.Target, _nodes[_order[middle]].Contact.Id, contact.Id) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        known = -1;
        bool byId = _rules.IdMayMove;
        for (; low < _order.Count && _nodes[_order[low]].Contact.Id.Equals(contact.Id); low++)
        {
            if (byId || _nodes[_order[low]].Contact.Handle.Equals(contact.Handle))
            {
                known = _order[low];
                break;
            }
        }

        return low;
    }

    /// <summary>Each path has its share of the shortlist, so that a liar on one cannot flush another. At the bound the furthest leaves.</summary>
    private bool MakeRoom(int path, int at)
    {
        int share = Math.Max(_options.Shortlist / _options.Paths, 1);
        if (_candidatesOf[path] < share)
        {
            return true;
        }

        for (int i = _order.Count - 1; i >= at; i--)
        {
            int index = _order[i];
            if (_nodes[index].Owner == path && !_nodes[index].Asked)
            {
                _order.RemoveAt(i);
                Forget(index);
                return true;
            }
        }

        return false;
    }

    private void Forget(int index)
    {
        ref Node node = ref _nodes[index];
        _rules.Release(node.Contact.Handle);
        _candidatesOf[node.Owner]--;
        node = default;
        _free.Add((ushort)index);
    }

    private int NewNode()
    {
        if (_free.Count > 0)
        {
            int index = _free[_free.Count - 1];
            _free.RemoveAt(_free.Count - 1);
            return index;
        }

        if (_nodeCount == _nodes.Length)
        {
            Array.Resize(ref _nodes, _nodes.Length * 2);
        }

        return _nodeCount++;
    }

    /// <summary>The groups already wait in sufficient number, not counting those that were asked.</summary>
    private bool CrowdedOut(in GroupKeys groups)
    {
        int narrow = 0, wide = 0;
        for (int i = 0; i < _order.Count; i++)
        {
            ref Node node = ref _nodes[_order[i]];
            if (!node.Asked)
            {
                narrow += node.Groups.Narrow == groups.Narrow ? 1 : 0;
                wide += node.Groups.Wide == groups.Wide ? 1 : 0;
            }
        }

        return Over(groups.Narrow, narrow, _options.NarrowLimit + GroupSlack, _options.NarrowLimit)
            || Over(groups.Wide, wide, _options.WideLimit + GroupSlack, _options.WideLimit);
    }

    /// <summary>
    /// Whether a candidate may be asked: its handle was not, and its groups are not yet relied on as often as they may be.
    /// </summary>
    private bool MayAsk(in Node candidate)
    {
        int narrow = 0, wide = 0;
        for (int i = 0; i < _asked.Count; i++)
        {
            ref Node node = ref _nodes[_asked[i]];
            if (node.Contact.Handle.Equals(candidate.Contact.Handle))
            {
                return false;
            }

            if (node.State != LookupPeerState.Failed)
            {
                narrow += node.Groups.Narrow == candidate.Groups.Narrow ? 1 : 0;
                wide += node.Groups.Wide == candidate.Groups.Wide ? 1 : 0;
            }
        }

        return !Over(candidate.Groups.Narrow, narrow, _options.NarrowLimit, _options.NarrowLimit)
            && !Over(candidate.Groups.Wide, wide, _options.WideLimit, _options.WideLimit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Over(ulong group, int count, int limit, int configured) => group != 0 && configured != 0 && count >= limit;

    private bool KnowsHandle(in THandle handle)
    {
        for (int i = 0; i < _nodeCount; i++)
        {
            if (_nodes[i].Used && _nodes[i].Contact.Handle.Equals(handle))
            {
                return true;
            }
        }

        return false;
    }

    private PathView Look(int path, Instant now)
    {
        int bit = 1 << path, live = 0, heaviest = int.MinValue;
        PathView view = new() { Pick = -1 };
        LookAtNameless(bit, now, ref view);
        bool picked = view.Pick >= 0;
        for (int i = 0; i < _order.Count && live < _options.Width; i++)
        {
            int index = _order[i];
            ref Node node = ref _nodes[index];
            if ((node.Paths & bit) == 0)
            {
                continue;
            }

            switch (node.State)
            {
                case LookupPeerState.Answered:
                    live++;
                    view.Confirmed++;
                    break;
                case LookupPeerState.Dialing or LookupPeerState.Waiting:
                    live++;
                    view.Waiting = true;
                    break;
                case LookupPeerState.Slow:
                    view.Waiting |= !node.Overdue;
                    view.Overdue |= node.Overdue && now < LastCallOf(node);
                    break;
                case LookupPeerState.Candidate when node.Again ? node.AskedPath == path : MayAsk(node):
                    live++;
                    if (!picked && node.Weight > heaviest)
                    {
                        heaviest = node.Weight;
                        view.Pick = index;
                    }

                    break;
            }
        }

        view.Full = view.Confirmed >= _options.Width;
        return view;
    }

    /// <summary>Bootstrap endpoints stand outside the order until they have named themselves: each is asked, and awaited.</summary>
    private void LookAtNameless(int bit, Instant now, ref PathView view)
    {
        for (int i = 0; i < _nameless.Count; i++)
        {
            ref Node node = ref _nodes[_nameless[i]];
            if ((node.Paths & bit) == 0)
            {
                continue;
            }

            view.Waiting |= node.State is LookupPeerState.Dialing or LookupPeerState.Waiting || (node.State == LookupPeerState.Slow && !node.Overdue);
            view.Overdue |= node.State == LookupPeerState.Slow && node.Overdue && now < LastCallOf(node);
            if (view.Pick < 0 && node.State == LookupPeerState.Candidate)
            {
                view.Pick = _nameless[i];
            }
        }
    }
}
