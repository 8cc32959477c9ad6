using System.Buffers.Binary;
using Kadath.Kademlia;
using Kadath.Primitives;
using Kadath.Tests.Support;

namespace Kadath.Tests.Conformance.Engine;

/// <summary>
/// A node's peer book: the engine's handles are places in it, held as long as the engine or a query holds them, and used again after that.
/// </summary>
internal sealed class PeerBook : IContactRules<Id256, int>
{
    private readonly List<(int Node, int Holds)> _places = [];
    private readonly Dictionary<int, int> _placeOf = [];
    private readonly Stack<int> _free = new();

    public int Holds => _places.Sum(p => p.Holds);

    public int PackedSize => 4;

    /// <summary>Ids are authenticated by the session.</summary>
    public bool IdMayMove => true;

    /// <summary>The handle of a node, held once more.</summary>
    public int Hold(int node)
    {
        if (!_placeOf.TryGetValue(node, out int place))
        {
            place = _free.Count > 0 ? _free.Pop() : _places.Count;
            if (place == _places.Count)
            {
                _places.Add(default);
            }

            _places[place] = (node, 0);
            _placeOf[node] = place;
        }

        Retain(place);
        return place;
    }

    public int NodeOf(int handle) =>
        _places[handle].Holds > 0 ? _places[handle].Node : throw new InvalidOperationException("a handle was used that nobody holds");

    public void Retain(in int handle) => _places[handle] = _places[handle] with { Holds = _places[handle].Holds + 1 };

    public void Release(in int handle)
    {
        (int node, int holds) = _places[handle];
        if (holds <= 0)
        {
            throw new InvalidOperationException("a handle was released more often than it was retained");
        }

        _places[handle] = (node, holds - 1);
        if (holds == 1)
        {
            _placeOf.Remove(node);
            _free.Push(handle);
        }
    }

    public void Pack(in int handle, Span<byte> destination) => BinaryPrimitives.WriteInt32LittleEndian(destination, handle);

    public int Unpack(ReadOnlySpan<byte> packed) => BinaryPrimitives.ReadInt32LittleEndian(packed);

    public GroupKeys GroupsOf(in int handle) => new((ulong)NodeOf(handle) + 1, ((ulong)NodeOf(handle) / 2) + 1);

    public int Preference(in Id256 id, in int handle) => 0;
}

/// <summary>A node of the first test network: connected, its dials take up to 5 s and some fail, its replies come in parts, and it keeps records.</summary>
internal sealed class HashedNode : EngineNode<int>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly HashedNetwork _network;
    private readonly PeerBook _book;
    private readonly HashSet<int> _connected = [];
    private readonly int _introducer;
    private ValueRecords<Id256>? _records;
    private int _inFlight;

    public HashedNode(HashedNetwork network, PeerBook book, int number, in Id256 id, int introducer)
        : base(number, id, network.Net, book, HashedNetwork.TableOptions, HashedNetwork.LookupOptions, network.Slab, network.Pool)
    {
        _network = network;
        _book = book;
        _introducer = introducer;
    }

    /// <summary>Handles that the book holds beyond table, caches and queries under way: must be none while no search runs.</summary>
    public int Leaks => _book.Holds - Table.Count - Table.CandidateCount - Table.LostCount - _inFlight;

    /// <summary>A peer has opened a session with us, and said who it is.</summary>
    public void Accept(int peer)
    {
        _connected.Add(peer);
        int handle = _book.Hold(peer);
        Table.Heard(_network.IdOf(peer), handle, Net.Now);
        _book.Release(handle);
    }

    /// <summary>Serves a query: the closest nodes that we can name, and the value if we keep it.</summary>
    public (int[] Nodes, byte[]? Value) Serve(in Id256 target, bool wantsValue, int asker)
    {
        Contact<Id256, int>[] closest = new Contact<Id256, int>[HashedNetwork.LookupOptions.Width + 1];
        int count = Table.Closest(target, closest, ContactUse.Name);
        int[] nodes = [.. closest.Take(count).Select(c => _book.NodeOf(c.Handle)).Where(n => n != asker).Take(HashedNetwork.LookupOptions.Width)];
        return (nodes, wantsValue && _records is not null && _records.TryGet(target, Net.Now, out ReadOnlySpan<byte> value) ? value.ToArray() : null);
    }

    public bool Keep(in Id256 target, byte[] value, int from)
    {
        _records ??= new(new() { MaxRecords = 1000 }, Net.Entropy.Child(1000 + (ulong)Number).Stream(2));
        LastWins selector = default;
        return _records.Put(target, value, new((ulong)from + 1, 0, TimeSpan.FromHours(1)), ref selector, Net.Now).Accepted;
    }

    protected override void Introduce(LookupMachine<Id256, int> lookup)
    {
        if (_introducer < 0)
        {
            return;
        }

        int handle = _book.Hold(_introducer);
        lookup.AddNameless(handle);
        _book.Release(handle);
    }

    protected override void Ask(Search<int> search, in LookupQuery<Id256, int> query)
    {
        int slot = query.Slot;
        Contact<Id256, int> contact = query.Contact;
        Id256 target = search.Lookup.Request.Target;
        bool nameless = query.Nameless;
        Call(
            contact.Handle,
            peer => peer.Serve(target, search.Kind == SearchKind.Get, Number),
            sent: () => _ = search.Ended || search.Lookup.Sent(slot, Net.Now),
            replied: (peer, roundTrip, answer) =>
            {
                if (nameless && !search.Ended)
                {
                    search.Lookup.Named(slot, _network.IdOf(peer), Net.Now);
                }

                Heard(_network.IdOf(peer), contact.Handle, roundTrip);
                Take(search, slot, answer, roundTrip);
            },
            failed: failure => Unanswered(search, slot, contact, failure));
    }

    protected override void Ping(in Contact<Id256, int> contact, Action<bool>? ended)
    {
        Contact<Id256, int> pinged = contact;
        Call(
            contact.Handle,
            _ => ([], null),
            sent: () => { },
            replied: (_, roundTrip, _) =>
            {
                Heard(pinged.Id, pinged.Handle, roundTrip);
                ended?.Invoke(true);
            },
            failed: failure =>
            {
                Table.Failed(pinged.Id, pinged.Handle, failure, Net.Now);
                ended?.Invoke(false);
            });
    }

    protected override void Store(Search<int> search, in LookupAnswer<Id256, int> holder)
    {
        Id256 target = search.Lookup.Request.Target;
        byte[] value = search.Value!;
        bool kept = false;
        void Ended(bool stored)
        {
            search.StoresPending--;
            search.Stored += stored ? 1 : 0;
            Finish(search);
        }

        Call(
            holder.Contact.Handle,
            peer =>
            {
                kept = peer.Keep(target, value, Number);
                return ([], null);
            },
            sent: () => { },
            replied: (_, _, _) => Ended(kept),
            failed: _ => Ended(false));
    }

    /// <summary>Ids are hashes: a target in a bucket is a preimage that happens to fall there, found by trying, or none.</summary>
    protected override bool TryTarget(in MaintenanceTask<Id256, int> task, out Id256 target)
    {
        target = task.Target;
        if (task.Kind != MaintenanceKind.Refresh)
        {
            return true;
        }

        for (int i = 0; i < 4096; i++)
        {
            target = HashedNetwork.Hash(Entropy.NextUInt64());
            if (NodeIds.CommonPrefix(target, task.Target) >= task.Depth)
            {
                return true;
            }
        }

        return false;
    }

    protected override int NumberOf(in int handle) => _book.NodeOf(handle);

    /// <summary>A reply's contacts: the first half as a part, the second with the end of the reply 20 ms later.</summary>
    private void Take(Search<int> search, int slot, (int[] Nodes, byte[]? Value) answer, TimeSpan roundTrip)
    {
        search.Value ??= search.Kind == SearchKind.Get ? answer.Value : null;
        int[] first = answer.Nodes[..(answer.Nodes.Length / 2)], second = answer.Nodes[(answer.Nodes.Length / 2)..];
        With(first, contacts =>
        {
            if (!search.Ended)
            {
                search.Lookup.Partial(slot, contacts, Net.Now);
                Pump(search);
            }
        });
        Net.Timer(Number, TimeSpan.FromMilliseconds(20), () => With(second, contacts =>
        {
            Answered(search, slot, contacts, roundTrip, ticket: 0);
            if (search is { Kind: SearchKind.Get, Value: not null, Ended: false })
            {
                search.Lookup.End(LookupEnd.Satisfied, Net.Now);
                Pump(search);
            }
        }));
    }

    /// <summary>Holds the handles of the named nodes while the engine looks at them; those that it wants it retains.</summary>
    private void With(int[] nodes, Action<Contact<Id256, int>[]> use)
    {
        Contact<Id256, int>[] contacts = [.. nodes.Where(n => n != Number).Select(n => new Contact<Id256, int>(_network.IdOf(n), _book.Hold(n)))];
        use(contacts);
        foreach (Contact<Id256, int> contact in contacts)
        {
            _book.Release(contact.Handle);
        }
    }

    /// <summary>Dials if need be, sends, waits: exactly one of <paramref name="replied"/> and <paramref name="failed"/> follows.</summary>
    private void Call(
        int handle, Func<HashedNode, (int[] Nodes, byte[]? Value)> serve, Action sent,
        Action<int, TimeSpan, (int[] Nodes, byte[]? Value)> replied, Action<RpcFailure> failed)
    {
        int peer = _book.NodeOf(handle);
        _book.Retain(handle);
        _inFlight++;
        bool ended = false;
        void End(Action then)
        {
            if (!ended)
            {
                ended = true;
                then();
                _inFlight--;
                _book.Release(handle);
            }
        }

        Dial(peer, connected =>
        {
            if (!connected)
            {
                End(() => failed(RpcFailure.Unreachable));
                return;
            }

            Instant at = Net.Now;
            sent();
            Net.Carry(Number, peer, () =>
            {
                (int[] Nodes, byte[]? Value) answer = serve(_network.NodeAt(peer));
                Net.Carry(peer, Number, () => End(() => replied(peer, Net.Now - at, answer)));
            });
            Net.Timer(Number, Timeout, () => End(() =>
            {
                _connected.Remove(peer);
                failed(RpcFailure.TimedOut);
            }));
        });
    }

    /// <summary>A session stands at once; a dial takes two round trips, sometimes seconds, and one in twelve fails. Nobody answers for who is gone.</summary>
    private void Dial(int peer, Action<bool> then)
    {
        if (_connected.Contains(peer))
        {
            Net.Timer(Number, TimeSpan.Zero, () => then(true));
            return;
        }

        bool slow = Net.Chance(10) == 0, fails = Net.Chance(12) == 0;
        TimeSpan time = slow ? TimeSpan.FromMilliseconds(Net.Chance(5000)) : 4 * Net.Latency(Number, peer);
        time = Net.IsOnline(peer) ? time : TimeSpan.FromMilliseconds(1000 + Net.Chance(4000));
        Net.Timer(Number, time, () =>
        {
            bool connected = !fails && Net.IsOnline(peer) && Net.IsOnline(Number);
            if (connected)
            {
                _connected.Add(peer);
                Net.Do(peer, () => _network.NodeAt(peer).Accept(Number));
            }

            then(connected);
        });
    }

    private struct LastWins : IValueSelector<Id256>
    {
        public readonly ValueChoice Select(in Id256 key, ReadOnlySpan<byte> held, ReadOnlySpan<byte> offered) => ValueChoice.Replace;

        public readonly bool Admit(in Id256 key, ReadOnlySpan<byte> offered) => true;
    }
}
