using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// An iterative lookup as a machine in pull style: it serves find-node, find-value and find-providers alike, since what is asked and what
/// is found is the network's. After every input call <see cref="TryNext"/> until it gives false, sending each query; then look at
/// <see cref="IsDone"/> and <see cref="NextDeadline"/>.
/// <para>
/// A query passes <see cref="Sent"/> (its timeouts start there, not at the dial), any number of <see cref="Partial"/>, and one of
/// <see cref="Replied"/>, <see cref="Failed"/> and <see cref="Unspoken"/>. Past its soft timeout a query frees its place for the next
/// candidate while a late answer still counts. The lookup converges when, on every path, the k closest candidates have answered; those that
/// failed, or are overdue by another soft timeout, do not count among the k. Where fewer than k are left, it ends once whoever has not answered
/// is overdue and was given a second since it was asked; as long as nobody at all has answered, four soft timeouts.
/// </para>
/// <para>
/// Diversity: at most <see cref="LookupOptions.NarrowLimit"/> and <see cref="LookupOptions.WideLimit"/> nodes per group are relied on, where
/// a failed node gives its place back; a handle is asked once. Disjoint paths: a node is asked on one path only, and what it names is known
/// to that path only. Every list is bounded by the options, whatever peers answer. Calls with a slot that is not (or no longer) of this
/// lookup are ignored and give false. Instances come from a <see cref="LookupPool{TId, THandle}"/> and allocate nothing once warm.
/// </para>
/// </summary>
public sealed partial class LookupMachine<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    private const int InitialNodes = 64;
    private const int MaxNameless = 32;
    private const int SlotBits = 12;
    private const int SlotMask = (1 << SlotBits) - 1;

    private LookupRequest<TId, THandle> _request;
    private LookupOptions _options = null!;
    private IContactRules<TId, THandle> _rules = null!;
    private ILookupPolicy<TId, THandle> _policy = null!;
    private Instant _started;
    private Instant _latest;
    private int _generation;
    private LookupEnd _end = LookupEnd.Cancelled;
    private int _handedOut;
    private int _messages;
    private int _hedged;
    private int _late;
    private int _failed;

    /// <summary>What the lookup is about.</summary>
    public ref readonly LookupRequest<TId, THandle> Request => ref _request;

    /// <summary>The network's own number for this lookup.</summary>
    public ulong Tag => _request.Tag;

    /// <summary>True once it has ended: no query is handed out any more. Settled by <see cref="TryNext"/>, <see cref="Wake"/> and <see cref="End"/>.</summary>
    public bool IsDone => _end != LookupEnd.Running;

    /// <summary>
    /// Begins. The machine must be new or reset. Throws <see cref="ArgumentException"/> if an option is out of its bounds.
    /// </summary>
    /// <param name="request">What it is about.</param>
    /// <param name="seeds">Contacts to begin with, such as the table's closest; dealt over the paths in turn.</param>
    /// <param name="now">The time.</param>
    public void Start(in LookupRequest<TId, THandle> request, ReadOnlySpan<Contact<TId, THandle>> seeds, Instant now)
    {
        if (_nodeCount != 0)
        {
            throw new InvalidOperationException("A lookup is reset before it is started again.");
        }

        request.Options.Validate();
        _request = request;
        _options = request.Options;
        _rules = request.Rules;
        _policy = request.Policy ?? PlainLookupPolicy<TId, THandle>.Instance;
        _started = _latest = now;
        _end = LookupEnd.Running;
        for (int i = 0; i < seeds.Length; i++)
        {
            Admit(seeds[i], path: i % _options.Paths, referrer: -1, depth: 1);
        }
    }

    /// <summary>Adds a seed of which only the handle is known, such as a bootstrap endpoint: asked before all others, and a candidate once <see cref="Named"/>.</summary>
    public bool AddNameless(in THandle handle)
    {
        if (IsDone || _nameless.Count >= MaxNameless || KnowsHandle(handle))
        {
            return false;
        }

        int index = NewNode();
        ref Node node = ref _nodes[index];
        node = new Node { Contact = new(default, handle), Groups = _rules.GroupsOf(handle), Used = true, Depth = 1, Referrer = -1, Nameless = true };
        node.Paths = (byte)(1 << (index % _options.Paths));
        node.Owner = (byte)(index % _options.Paths);
        _rules.Retain(handle);
        _nameless.Add((ushort)index);
        return true;
    }

    /// <summary>Ends the lookup early: <see cref="LookupEnd.Satisfied"/> when what was wanted is found, or <see cref="LookupEnd.Cancelled"/>.</summary>
    public void End(LookupEnd end, Instant now)
    {
        if (!IsDone && end != LookupEnd.Running)
        {
            _latest = Instant.Max(_latest, now);
            _end = end;
        }
    }

    /// <summary>Forgets everything, releases every handle and makes the machine ready for another start. Slots of the past are refused.</summary>
    public void Reset()
    {
        for (int i = 0; i < _nodeCount; i++)
        {
            if (_nodes[i].Used)
            {
                _rules.Release(_nodes[i].Contact.Handle);
            }
        }

        _nodeCount = 0;
        _free.Clear();
        _order.Clear();
        _asked.Clear();
        _pending.Clear();
        _nameless.Clear();
        _answers.Clear();
        Array.Clear(_candidatesOf);
        Array.Clear(_inFlightOf);
        _generation = (_generation + 1) & (int.MaxValue >> SlotBits);
        _request = default;
        _options = null!;
        _rules = null!;
        _policy = null!;
        _end = LookupEnd.Cancelled;
        _handedOut = _messages = _hedged = _late = _failed = _read = _nextPath = 0;
    }

    /// <summary>
    /// The next query to send, if there is one now. When it gives false, the lookup is done, or awaits an input or its <see cref="NextDeadline"/>.
    /// </summary>
    public bool TryNext(Instant now, out LookupQuery<TId, THandle> query)
    {
        query = default;
        if (IsDone)
        {
            return false;
        }

        _latest = Instant.Max(_latest, now);
        bool waiting = false, converged = true;
        for (int turn = 0; turn < _options.Paths; turn++)
        {
            int path = (_nextPath + turn) % _options.Paths;
            PathView view = Look(path, now);
            if (view.Pick >= 0 && _handedOut < _options.MaxQueries)
            {
                int allowed = Math.Clamp(_policy.Parallelism(new(_inFlightOf[path], _answers.Count, view.Confirmed, _options.Width), _options.Parallelism), 1, 64);
                if (_inFlightOf[path] < allowed)
                {
                    _nextPath = path + 1;
                    query = HandOut(view.Pick, path, now);
                    return true;
                }
            }

            waiting |= view.Waiting || (view.Pick >= 0 && _handedOut < _options.MaxQueries) || (!view.Full && view.Overdue);
            converged &= view.Full;
        }

        if (!waiting)
        {
            _end = converged ? LookupEnd.Converged : _handedOut >= _options.MaxQueries ? LookupEnd.OutOfQueries : LookupEnd.Exhausted;
        }

        return false;
    }

    private LookupQuery<TId, THandle> HandOut(int index, int path, Instant now)
    {
        ref Node node = ref _nodes[index];
        if (!node.Asked)
        {
            node.Asked = true;
            _asked.Add((ushort)index);
            _candidatesOf[node.Owner] -= node.Nameless ? 0 : 1;
            node.AskedPath = (byte)path;
        }

        if (!node.Pending)
        {
            node.Pending = true;
            _pending.Add((ushort)index);
        }

        node.State = LookupPeerState.Dialing;
        node.Soft = now + _options.DialTimeout;
        node.Hard = node.Soft;
        _inFlightOf[node.AskedPath]++;
        _handedOut++;
        return new(SlotOf(index), node.Contact, node.AskedPath, node.Plain, node.Nameless);
    }

    private int SlotOf(int index) => (_generation << SlotBits) | index;

    private bool TryNode(int slot, out int index)
    {
        index = slot & SlotMask;
        return !IsDone && slot >= 0 && slot >> SlotBits == _generation && index < _nodeCount && _nodes[index].Asked;
    }
}
