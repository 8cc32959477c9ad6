using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>How a contact that has answered enters: room, splits, limits per group, and whom it may displace.</content>
public sealed partial class RoutingTable<TId, THandle>
{
    private Admission Admit(in TId id, in THandle handle, TimeSpan? roundTrip, Instant now)
    {
        // The endpoint answers under another id than before: the id that we had is gone, whoever asks for it.
        if (TryFindHandle(handle, out int elsewhere, out int old))
        {
            Evict(ref _buckets[elsewhere], old, now);
        }

        int home = LocateIndex(id);
        if (!FitsLimits(_buckets[home], handle, without: null, leavesHere: false) && !TryMakeRoomInGroup(home, handle, now))
        {
            RemoveCandidate(ref _buckets[home], id);
            return Admission.Rejected;
        }

        GroupKeys groups = _rules.GroupsOf(handle);
        RowMeta meta = new(now.Seconds, answered: true);
        meta.Succeed(now.Seconds, roundTrip);
        while (IsFull(_buckets[home]) && TrySplit(home, id))
        {
            home = LocateIndex(id);
        }

        ref Bucket bucket = ref _buckets[home];
        if (IsFull(bucket) || _count >= Options.MaxContacts)
        {
            int victim = FindVictim(bucket, id, handle, meta, now);
            if (victim < 0)
            {
                if (FindCandidate(bucket, id) < 0)
                {
                    AddCandidate(ref bucket, id, handle, now);
                }

                return Admission.Cached;
            }

            Displace(ref bucket, victim, now);
        }

        RemoveCandidate(ref bucket, id);
        Insert(ref bucket, id, handle, meta, now);
        ScheduleCheck(ref bucket, now.Seconds);
        return Admission.Added;
    }

    private void Insert(ref Bucket bucket, in TId id, in THandle handle, RowMeta meta, Instant now)
    {
        Span<byte> row = stackalloc byte[128];
        row = row[.._rowSize];
        WriteRow(id, handle, row);
        AppendRow(ref bucket, row, meta);
        _rules.Retain(handle);
        _index?.Add(id, handle, _rules.GroupsOf(handle));
        bucket.LastChanged = now.Seconds;
        bucket.AddChurn();
        Return(handle);
    }

    /// <summary>Takes a contact out and releases its handle.</summary>
    private void Evict(ref Bucket bucket, int index, Instant now)
    {
        THandle handle = HandleOf(RowSpan(bucket, index));
        CloseRow(ref bucket, index);
        _index?.Remove(handle, _rules.GroupsOf(handle));
        _rules.Release(handle);
        bucket.LastChanged = now.Seconds;
    }

    /// <summary>Takes a contact out for a better one; one that lives goes to the replacement cache.</summary>
    private void Displace(ref Bucket bucket, int index, Instant now)
    {
        Contact<TId, THandle> contact = ContactOf(RowSpan(bucket, index));
        bool lived = Meta(bucket, index).IsLive;
        if (lived)
        {
            bucket.SettledUntil = now.Seconds + SettleSeconds;
            AppendCandidate(ref bucket, contact.Id, contact.Handle);
            ScheduleCheck(ref bucket, now.Seconds + SettleSeconds);
        }
        else if (Meta(bucket, index).Answered)
        {
            Remember(RowSpan(bucket, index));
        }

        Evict(ref bucket, index, now);
    }

    /// <summary>Whom a newcomer that has answered may displace from a full bucket, or -1.</summary>
    private int FindVictim(in Bucket bucket, in TId id, in THandle handle, RowMeta newcomer, Instant now)
    {
        int dead = -1;
        for (int i = 0; i < bucket.Count; i++)
        {
            RowMeta meta = Meta(bucket, i);
            if (meta.Fails >= (meta.Answered ? Options.FailsBeforeReplacement : 1) && (dead < 0 || IsDeader(meta, Meta(bucket, dead))))
            {
                dead = i;
            }
        }

        return dead >= 0 ? dead : now.Seconds < bucket.SettledUntil ? -1 : FindLessPreferred(bucket, _rules.Preference(id, handle), newcomer.RoundTrip);
    }

    private static bool IsDeader(RowMeta a, RowMeta b) => a.Fails != b.Fails ? a.Fails > b.Fails
        : a.LastSeen != b.LastSeen ? a.LastSeen < b.LastSeen : a.Rank < b.Rank;

    /// <summary>
    /// Among the younger half of a bucket: the one that the network prefers least, if it prefers the newcomer; else the slowest, if that is
    /// asked for and it takes twice as long as the newcomer; among equals the youngest.
    /// </summary>
    private int FindLessPreferred(in Bucket bucket, int preference, int roundTrip)
    {
        (int Preference, int Speed, int Rank) worst = (preference, 0, -1);
        int victim = -1, older = (bucket.Count + 1) / 2;
        for (int i = 0; i < bucket.Count; i++)
        {
            RowMeta meta = Meta(bucket, i);
            if (meta.Rank < older)
            {
                continue;
            }

            Contact<TId, THandle> contact = ContactOf(RowSpan(bucket, i));
            bool slow = Options.PrefersLowRoundTrip && roundTrip > 0 && meta.RoundTrip / 2 >= roundTrip;
            (int, int, int) own = (_rules.Preference(contact.Id, contact.Handle), slow ? -meta.RoundTrip : 0, -meta.Rank);
            if ((own.Item1 < preference || (own.Item1 == preference && slow)) && own.CompareTo(worst) < 0)
            {
                (victim, worst) = (i, own);
            }
        }

        return victim;
    }

    /// <summary>
    /// A known id answers from another handle. Where ids are authenticated it may move at once, elsewhere only once the old handle has
    /// failed; never onto a handle, or into a group, that the limits keep from it.
    /// </summary>
    private bool TryMove(ref Bucket bucket, int index, in THandle handle)
    {
        if ((!_rules.IdMayMove && Meta(bucket, index).IsLive) || TryFindHandle(handle, out _, out _))
        {
            return false;
        }

        ReadOnlySpan<byte> row = RowSpan(bucket, index);
        TId id = IdOf(row);
        THandle old = HandleOf(row);
        if (!FitsLimits(bucket, handle, without: old, leavesHere: true))
        {
            return false;
        }

        GroupKeys groups = _rules.GroupsOf(handle);
        _rules.Retain(handle);
        _index?.Remove(old, _rules.GroupsOf(old));
        _index?.Add(id, handle, groups);
        WriteRow(id, handle, RowSpan(bucket, index));
        _prints[PlaceOf(bucket, index)] = PrintOf(groups);
        Return(handle);
        _rules.Release(old);
        return true;
    }

    private bool HasRoom(int index, in TId id) => _count < Options.MaxContacts && (!IsFull(_buckets[index]) || CanSplit(index, id));

    private void AddCandidate(ref Bucket bucket, in TId id, in THandle handle, Instant now)
    {
        for (int i = 0; i < bucket.Candidates; i++)
        {
            if (SharesGroup(HandleOf(CandidateSpan(bucket, i)), handle))
            {
                return;
            }
        }

        bool full = bucket.Candidates == CandidatesPerBucket;
        AppendCandidate(ref bucket, id, handle);
        bucket.CandidatesUntil = full || bucket.Candidates == CandidatesPerBucket ? now.Seconds + SettleSeconds : 0;
        ScheduleCheck(ref bucket, now.Seconds);
    }

    private void RemoveCandidate(ref Bucket bucket, in TId id)
    {
        int index = FindCandidate(bucket, id);
        if (index >= 0)
        {
            RemoveCandidate(ref bucket, index);
        }
    }
}
