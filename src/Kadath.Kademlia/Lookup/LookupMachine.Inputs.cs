using Kadath.Primitives;

namespace Kadath.Kademlia;

public sealed partial class LookupMachine<TId, THandle>
{
    /// <summary>When <see cref="Wake"/> is wanted next; <see cref="Instant.Never"/> once done.</summary>
    public Instant NextDeadline
    {
        get
        {
            if (IsDone)
            {
                return Instant.Never;
            }

            Instant earliest = _started + _options.Deadline;
            for (int i = 0; i < _pending.Count; i++)
            {
                ref Node node = ref _nodes[_pending[i]];
                earliest = node.State switch
                {
                    LookupPeerState.Dialing or LookupPeerState.Waiting => Instant.Min(earliest, Instant.Min(node.Soft, node.Hard)),
                    LookupPeerState.Slow when !node.Overdue => Instant.Min(earliest, OverdueAt(node)),
                    LookupPeerState.Slow => Instant.Min(earliest, LastCallOf(node) > _latest ? LastCallOf(node) : node.Hard),
                    _ => earliest,
                };
            }

            return earliest;
        }
    }

    /// <summary>The query has left: its timeouts begin.</summary>
    /// <param name="slot">The slot of the query.</param>
    /// <param name="now">When it left.</param>
    /// <param name="expected">The peer's own soft timeout (<see cref="PeerRoundTrip.SoftTimeout"/>) where the network knows it; null for that of this node's peers at large.</param>
    public bool Sent(int slot, Instant now, TimeSpan? expected = null)
    {
        if (!TryNode(slot, out int index) || _nodes[index].State != LookupPeerState.Dialing)
        {
            return false;
        }

        ref Node node = ref _nodes[index];
        _latest = Instant.Max(_latest, now);
        TimeSpan soft = expected ?? _request.RoundTrips.SoftTimeout;
        soft = soft < RoundTripEstimator.Floor ? RoundTripEstimator.Floor : soft > _options.HardTimeout ? _options.HardTimeout : soft;
        node.State = LookupPeerState.Waiting;
        node.Overdue = false;
        node.SentAt = now;
        node.SoftTicks = soft.Ticks;
        node.Soft = now + soft;
        node.Hard = now + HardTimeout(soft);
        _messages++;
        return true;
    }

    /// <summary>
    /// The network knows already that the peer does not speak the lookup's method: the query that was handed out is sent as the plain one, and
    /// silence to it is a timeout. Call it before <see cref="Sent"/>.
    /// </summary>
    public bool AskPlainly(int slot)
    {
        if (!TryNode(slot, out int index) || _nodes[index].State != LookupPeerState.Dialing)
        {
            return false;
        }

        _nodes[index].Plain = true;
        return true;
    }

    /// <summary>A part of the peer's reply: its contacts are taken, and the soft timeout begins anew; the hard one does not.</summary>
    public bool Partial(int slot, ReadOnlySpan<Contact<TId, THandle>> contacts, Instant now)
    {
        if (!TryNode(slot, out int index) || _nodes[index].State == LookupPeerState.Answered)
        {
            return false;
        }

        _latest = Instant.Max(_latest, now);
        Take(index, contacts);
        ref Node node = ref _nodes[index];
        if (node.State == LookupPeerState.Waiting)
        {
            node.Soft = Instant.Min(now + TimeSpan.FromTicks(node.SoftTicks), node.Hard);
        }

        return true;
    }

    /// <summary>The peer has answered in full. Late answers count as long as the lookup runs, even after a timeout.</summary>
    /// <param name="slot">The slot of the query.</param>
    /// <param name="contacts">The contacts that it named (the last part of them), already judged by the network's admission.</param>
    /// <param name="roundTrip">The measured round trip, or null; the node's estimator is fed with it.</param>
    /// <param name="ticket">The network's opaque ticket, given back with the answer.</param>
    /// <param name="now">When it came.</param>
    public bool Replied(int slot, ReadOnlySpan<Contact<TId, THandle>> contacts, TimeSpan? roundTrip, ulong ticket, Instant now)
    {
        if (!TryNode(slot, out int index) || _nodes[index].State == LookupPeerState.Answered || HasVerdict(_nodes[index]))
        {
            return false;
        }

        _latest = Instant.Max(_latest, now);
        ref Node node = ref _nodes[index];
        bool late = node.State is LookupPeerState.Slow or LookupPeerState.Failed or LookupPeerState.Candidate;
        _late += late ? 1 : 0;
        _failed -= node.State == LookupPeerState.Failed ? 1 : 0;
        Settle(index, LookupPeerState.Answered);
        node.Ticket = ticket;
        node.RoundTrip = roundTrip is { } sample ? Math.Max(sample.Ticks, 0) : -1;
        if (roundTrip is { } measured)
        {
            _request.RoundTrips.Observe(measured);
        }

        _answers.Add((ushort)index);
        Take(index, contacts);
        return true;
    }

    /// <summary>True if the peer has answered the plain query, and not the lookup's method: an answer to that may still come, see <see cref="Amend"/>.</summary>
    public bool AnsweredPlainly(int slot) =>
        TryNode(slot, out int index) && _nodes[index].State == LookupPeerState.Answered && _nodes[index].Plain;

    /// <summary>A peer that had answered the plain query has answered the lookup's method after all: its ticket counts.</summary>
    public bool Amend(int slot, ulong ticket, Instant now)
    {
        if (!AnsweredPlainly(slot))
        {
            return false;
        }

        _latest = Instant.Max(_latest, now);
        ref Node node = ref _nodes[slot & SlotMask];
        node.Plain = false;
        node.Ticket = ticket;
        _late++;
        return true;
    }

    /// <summary>The query brought no answer.</summary>
    public bool Failed(int slot, RpcFailure failure, Instant now)
    {
        if (!TryNode(slot, out int index) || _nodes[index].State is LookupPeerState.Answered or LookupPeerState.Failed)
        {
            return false;
        }

        _latest = Instant.Max(_latest, now);
        Fail(index, failure);
        return true;
    }

    /// <summary>
    /// The peer does not speak the lookup's method, or is silent to it: it is asked once more, with the plain query, under the same slot.
    /// If it was asked plainly already, this is a timeout.
    /// </summary>
    public bool Unspoken(int slot, Instant now)
    {
        if (!TryNode(slot, out int index) || _nodes[index].State == LookupPeerState.Answered)
        {
            return false;
        }

        _latest = Instant.Max(_latest, now);
        ref Node node = ref _nodes[index];
        if (node.Again)
        {
            // The plain query is on its way or due; silence to the first one says nothing more.
            return node.State != LookupPeerState.Failed;
        }

        if (node.Plain || HasVerdict(node))
        {
            return Failed(slot, RpcFailure.TimedOut, now);
        }

        _failed -= node.State == LookupPeerState.Failed ? 1 : 0;
        AskAgain(index);
        return true;
    }

    /// <summary>
    /// The peer answers under another id than it was asked by (or names itself for the first time): it moves to its place. Call it before
    /// <see cref="Replied"/>. False if the id is ours or already asked elsewhere as the same contact: the peer then counts as a liar.
    /// </summary>
    public bool Named(int slot, in TId id, Instant now)
    {
        if (!TryNode(slot, out int index) || _nodes[index].State == LookupPeerState.Answered)
        {
            return false;
        }

        ref Node node = ref _nodes[index];
        if (!node.Nameless && node.Contact.Id.Equals(id))
        {
            return true;
        }

        Contact<TId, THandle> named = new(id, node.Contact.Handle);
        (node.Nameless ? _nameless : _order).Remove((ushort)index);
        int at = Position(named, out int known);
        if (known >= 0 && !_nodes[known].Asked)
        {
            // The same contact, known from a referral: the one that was asked takes its place.
            node.Paths |= _nodes[known].Paths;
            _order.RemoveAt(at);
            Forget(known);
            known = -1;
        }

        if (known >= 0 || id.Equals(_request.Self))
        {
            (node.Nameless ? _nameless : _order).Insert(node.Nameless ? _nameless.Count : Position(node.Contact, out _), (ushort)index);
            Failed(slot, RpcFailure.Lied, now);
            return false;
        }

        node.Nameless = false;
        node.Contact = named;
        _order.Insert(at, (ushort)index);
        return true;
    }

    /// <summary>Does what is due: soft timeouts free their slots, hard ones are verdicts, the deadline ends the lookup.</summary>
    public void Wake(Instant now)
    {
        if (IsDone)
        {
            return;
        }

        _latest = Instant.Max(_latest, now);
        if (now >= _started + _options.Deadline)
        {
            _end = LookupEnd.TimedOut;
            return;
        }

        for (int i = _pending.Count - 1; i >= 0; i--)
        {
            int index = _pending[i];
            ref Node node = ref _nodes[index];
            if (node.State is LookupPeerState.Dialing or LookupPeerState.Waiting or LookupPeerState.Slow && now >= node.Hard)
            {
                Fail(index, node.State == LookupPeerState.Dialing ? RpcFailure.Unreachable : RpcFailure.TimedOut, final: false);
            }
            else if (node.State == LookupPeerState.Waiting && now >= node.Soft)
            {
                _hedged++;
                if (_options.PlainAfterSilence && !node.Plain && !node.Nameless)
                {
                    AskAgain(index);
                }
                else
                {
                    LeaveFlight(node);
                    node.State = LookupPeerState.Slow;
                }
            }
            else if (node.State == LookupPeerState.Slow)
            {
                node.Overdue = now >= OverdueAt(node);
            }
        }
    }

    private static bool HasVerdict(in Node node) =>
        node.State == LookupPeerState.Failed && node.Final;

    private TimeSpan HardTimeout(TimeSpan soft)
    {
        // Eight soft timeouts, at least a second: an answer that late tells more of the peer than it helps the lookup.
        TimeSpan hard = TimeSpan.FromTicks(Math.Max(8 * soft.Ticks, TimeSpan.TicksPerSecond));
        return hard < _options.HardTimeout ? hard : _options.HardTimeout;
    }

    // Twice the soft timeout: of live peers nearly none answers later, and a dead one in the window costs no more than that.
    private static Instant OverdueAt(in Node node) => Instant.Min(node.SentAt + TimeSpan.FromTicks(2 * node.SoftTicks), node.Hard);

    // Where fewer than k are live, the dead must not keep the lookup waiting for their verdict, nor a single slow node in a small network be
    // lost for a moment's saving: a second, at least. Without any answer, whoever is still to come is all there is.
    private Instant LastCallOf(in Node node)
    {
        long ticks = Math.Max((_answers.Count == 0 ? 4 : 2) * node.SoftTicks, TimeSpan.TicksPerSecond);
        return Instant.Min(node.SentAt + TimeSpan.FromTicks(ticks), node.Hard);
    }

    private void AskAgain(int index)
    {
        ref Node node = ref _nodes[index];
        Settle(index, LookupPeerState.Candidate);
        node.Plain = true;
        node.Again = true;
    }

    private void Fail(int index, RpcFailure failure, bool final = true)
    {
        Settle(index, LookupPeerState.Failed);
        _nodes[index].Failure = failure;
        _nodes[index].Final = final;
        _failed++;
    }

    private void Settle(int index, LookupPeerState state)
    {
        ref Node node = ref _nodes[index];
        LeaveFlight(node);
        node.State = state;
        if (node.Pending)
        {
            node.Pending = false;
            _pending.Remove((ushort)index);
        }
    }

    private void LeaveFlight(in Node node) =>
        _inFlightOf[node.AskedPath] -= node.State is LookupPeerState.Dialing or LookupPeerState.Waiting ? 1 : 0;

    private void Take(int from, ReadOnlySpan<Contact<TId, THandle>> contacts)
    {
        int path = _nodes[from].AskedPath, depth = _nodes[from].Depth + 1;
        foreach (ref readonly Contact<TId, THandle> contact in contacts)
        {
            if (_nodes[from].Given == _options.ContactsPerReply)
            {
                return;
            }

            _nodes[from].Given++;
            Admit(contact, path, from, depth);
        }
    }
}
