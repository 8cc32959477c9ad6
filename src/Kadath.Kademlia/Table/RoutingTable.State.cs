using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>Snapshot, restore, another id, and what telemetry reads.</content>
public sealed partial class RoutingTable<TId, THandle>
{
    /// <summary>Buckets of the table.</summary>
    public int BucketCount => _bucketCount;

    /// <summary>Entries of all replacement caches.</summary>
    public int CandidateCount
    {
        get
        {
            int count = 0;
            for (int i = 0; i < _bucketCount; i++)
            {
                count += _buckets[i].Candidates;
            }

            return count;
        }
    }

    /// <summary>Bytes that the table takes outside the slab, for telemetry and tests: arrays and the object itself, about right.</summary>
    public long OverheadBytes =>
        200 + (4L * _chunks.Length) + _prints.Length + _lost.Length + (40L * _buckets.Length) + _groupStarts.Length + (4L * _directory.Length) + (4 * 24);

    /// <summary>A bucket, from 0 to <see cref="BucketCount"/> − 1.</summary>
    public BucketView BucketAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_bucketCount, nameof(index));
        ref Bucket bucket = ref _buckets[index];
        return new(bucket.Depth, Options.WidthAt(bucket.Depth), bucket.Count, bucket.Live, bucket.Candidates, Instant.FromSeconds(bucket.LastChanged));
    }

    /// <summary>Copies the contacts from number <paramref name="from"/> on (0 to <see cref="Count"/>), for snapshots; returns how many.</summary>
    public int CopyContacts(int from, Span<ContactView<TId, THandle>> into)
    {
        int copied = 0, number = 0;
        for (int b = 0; b < _bucketCount && copied < into.Length; b++)
        {
            ref Bucket bucket = ref _buckets[b];
            for (int i = Math.Max(0, from - number); i < bucket.Count && copied < into.Length; i++)
            {
                into[copied++] = ViewOf(bucket, i);
            }

            number += bucket.Count;
        }

        return copied;
    }

    /// <summary>Copies the replacement candidates of a bucket, oldest first, for telemetry and tests; returns how many.</summary>
    public int CopyCandidates(int index, Span<Contact<TId, THandle>> into)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_bucketCount, nameof(index));
        ref Bucket bucket = ref _buckets[index];
        int count = Math.Min(bucket.Candidates, into.Length);
        for (int i = 0; i < count; i++)
        {
            into[i] = ContactOf(CandidateSpan(bucket, i));
        }

        return count;
    }

    /// <summary>
    /// Puts a saved contact back: it may be asked, but is not named to others before it has answered. False if it is there already, or if
    /// there is no room for it. <paramref name="lastSeen"/> orders the checks; clocks of another run may be mapped to any earlier instant.
    /// </summary>
    public bool Restore(in TId id, in THandle handle, Instant lastSeen, Instant now)
    {
        int home = LocateIndex(id);
        if (id.Equals(Self) || _count >= Options.MaxContacts || FindRow(_buckets[home], id) >= 0 || !IsAdmissible(_buckets[home], handle))
        {
            return false;
        }

        while (IsFull(_buckets[home]) && TrySplit(home, id))
        {
            home = LocateIndex(id);
        }

        ref Bucket bucket = ref _buckets[home];
        if (IsFull(bucket))
        {
            return false;
        }

        RemoveCandidate(ref bucket, id);
        Insert(ref bucket, id, handle, new(lastSeen.Seconds, answered: false), now);
        return true;
    }

    /// <summary>
    /// Our own id has changed: the contacts are sorted into buckets anew, the live and the old first. None is lost for which the new buckets
    /// have room; of the others as many as fit wait in the replacement caches.
    /// </summary>
    public void Rebase(in TId self, Instant now)
    {
        ref Bucket home = ref Locate(self);
        int twin = FindRow(home, self);
        if (twin >= 0)
        {
            Evict(ref home, twin, now);
        }

        RemoveCandidate(ref home, self);
        if (_splitsAll || self.Equals(Self))
        {
            Self = self;
            return;
        }

        Moving[] contacts = TakeAll(out Contact<TId, THandle>[] candidates);
        Self = self;
        Reset();
        foreach (Moving moving in contacts)
        {
            Place(moving, now);
            _rules.Release(moving.Contact.Handle);
        }

        foreach (Contact<TId, THandle> candidate in candidates)
        {
            ref Bucket bucket = ref Locate(candidate.Id);
            if (FindCandidate(bucket, candidate.Id) < 0 && bucket.Candidates < CandidatesPerBucket)
            {
                AddCandidate(ref bucket, candidate.Id, candidate.Handle, now);
            }

            _rules.Release(candidate.Handle);
        }
    }

    /// <summary>Forgets everything and gives the memory back to the slab.</summary>
    public void Clear()
    {
        Moving[] contacts = TakeAll(out Contact<TId, THandle>[] candidates);
        foreach (Moving moving in contacts)
        {
            _rules.Release(moving.Contact.Handle);
        }

        foreach (Contact<TId, THandle> candidate in candidates)
        {
            _rules.Release(candidate.Handle);
        }

        ForgetAllLost();
        _index?.Clear();
        Reset();
    }

    private void Place(Moving moving, Instant now)
    {
        (TId id, THandle handle) = moving.Contact;
        int home = LocateIndex(id);
        while (IsFull(_buckets[home]) && TrySplit(home, id))
        {
            home = LocateIndex(id);
        }

        ref Bucket bucket = ref _buckets[home];
        if (!IsFull(bucket) && FitsLimits(bucket, handle, without: null, leavesHere: false))
        {
            Insert(ref bucket, id, handle, moving.Meta, now);
        }
        else if (bucket.Candidates < CandidatesPerBucket)
        {
            AddCandidate(ref bucket, id, handle, now);
        }
    }

    /// <summary>Empties buckets and caches without releasing a handle: the contacts in the order in which they deserve a place.</summary>
    private Moving[] TakeAll(out Contact<TId, THandle>[] candidates)
    {
        Moving[] contacts = new Moving[_count];
        candidates = new Contact<TId, THandle>[CandidateCount];
        int next = 0, nextCandidate = 0;
        for (int b = 0; b < _bucketCount; b++)
        {
            ref Bucket bucket = ref _buckets[b];
            for (int i = 0; i < bucket.Count; i++)
            {
                RowMeta meta = Meta(bucket, i);
                // The number makes the order total: live before dead, old before young.
                long order = ((meta.IsLive ? 0L : 1L) << 40) | ((long)meta.Rank << 32) | (uint)next;
                contacts[next++] = new(order, ContactOf(RowSpan(bucket, i)), meta);
            }

            nextCandidate += CopyCandidates(b, candidates.AsSpan(nextCandidate));
            GiveBack(bucket);
        }

        _count = _live = 0;
        Array.Sort(contacts, static (a, b) => a.Order.CompareTo(b.Order));
        return contacts;
    }

    private void GiveBack(in Bucket bucket)
    {
        for (int chunk = 0; chunk * RowsPerChunk < bucket.Count; chunk++)
        {
            Slab.Contacts.Return(_chunks[bucket.First + chunk]);
        }

        if (bucket.CandidateChunk != Bucket.None)
        {
            Slab.Candidates.Return(bucket.CandidateChunk);
        }
    }

    private readonly record struct Moving(long Order, Contact<TId, THandle> Contact, RowMeta Meta);
}
