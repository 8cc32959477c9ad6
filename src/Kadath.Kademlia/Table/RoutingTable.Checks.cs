using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>Ping before evict, and ping before promote: where a candidate waits, who has to be asked next.</content>
public sealed partial class RoutingTable<TId, THandle>
{
    // The time a check has before its bucket states the next one: longer than any network's hard deadline for a reply.
    private const uint CheckSeconds = 20;

    private int _checkCursor;
    private uint _nextCheck;
    private int _staleBucket;
    private int _staleRow;

    /// <summary>When <see cref="TryGetCheck"/> may have something; may be too early, never too late.</summary>
    public Instant NextCheck => _nextCheck == uint.MaxValue ? Instant.Never : Instant.FromSeconds(_nextCheck);

    /// <summary>
    /// The next contact to ping because a candidate waits: the candidate itself where there is a place for it, else the least recently seen
    /// contact of its bucket if that is questionable. At most one per bucket at a time: the next follows when it failed, or 20 seconds later.
    /// </summary>
    public bool TryGetCheck(Instant now, out Contact<TId, THandle> contact)
    {
        contact = default;
        uint seconds = now.Seconds;
        if (seconds < _nextCheck)
        {
            return false;
        }

        uint earliest = uint.MaxValue;
        for (int turn = 0; turn < _bucketCount; turn++)
        {
            _checkCursor = _checkCursor + 1 < _bucketCount ? _checkCursor + 1 : 0;
            ref Bucket bucket = ref _buckets[_checkCursor];
            if (bucket.NextCheck <= seconds && TryChooseCheck(_checkCursor, now, out contact))
            {
                bucket.NextCheck = seconds + CheckSeconds;
                return true;
            }

            earliest = Math.Min(earliest, bucket.NextCheck);
        }

        _nextCheck = earliest;
        return false;
    }

    /// <summary>
    /// The next contact, going round the table, that has not answered for <see cref="RoutingTableOptions.StaleAfter"/>, failed, or was never
    /// verified; false at the end of a round, which the next call begins anew.
    /// </summary>
    internal bool TryGetQuestionable(Instant now, out Contact<TId, THandle> contact)
    {
        for (; _staleBucket < _bucketCount; _staleBucket++, _staleRow = 0)
        {
            ref Bucket bucket = ref _buckets[_staleBucket];
            while (_staleRow < bucket.Count)
            {
                int row = _staleRow++;
                if (Meta(bucket, row).IsQuestionable(now, Options.StaleAfter))
                {
                    contact = ContactOf(RowSpan(bucket, row));
                    return true;
                }
            }
        }

        _staleBucket = _staleRow = 0;
        contact = default;
        return false;
    }

    /// <summary>The next <see cref="TryGetQuestionable"/> begins a round anew.</summary>
    internal void RestartRound() => _staleBucket = _staleRow = 0;

    private bool TryChooseCheck(int index, Instant now, out Contact<TId, THandle> contact)
    {
        contact = default;
        ref Bucket bucket = ref _buckets[index];
        if (bucket.Candidates == 0)
        {
            bucket.NextCheck = uint.MaxValue;
            return false;
        }

        int oldest = -1;
        bool replaceable = false;
        for (int i = 0; i < bucket.Count; i++)
        {
            RowMeta meta = Meta(bucket, i);
            replaceable |= meta.Fails >= (meta.Answered ? Options.FailsBeforeReplacement : 1);
            oldest = oldest < 0 || IsSeenBefore(meta, Meta(bucket, oldest)) ? i : oldest;
        }

        Contact<TId, THandle> newest = ContactOf(CandidateSpan(bucket, bucket.Candidates - 1));
        if (replaceable || HasRoom(index, newest.Id))
        {
            // Whoever was asked goes to the end of the queue, so that one who never answers does not keep the others waiting.
            RotateCandidates(bucket);
            contact = newest;
            return true;
        }

        RowMeta least = Meta(bucket, oldest);
        if (least.IsQuestionable(now, Options.StaleAfter))
        {
            contact = ContactOf(RowSpan(bucket, oldest));
            return true;
        }

        bucket.NextCheck = Math.Max(now.Seconds + 1, (Instant.FromSeconds(least.LastSeen) + Options.StaleAfter).Seconds);
        return false;
    }

    private static bool IsSeenBefore(RowMeta a, RowMeta b) =>
        a.IsLive != b.IsLive ? b.IsLive : a.LastSeen != b.LastSeen ? a.LastSeen < b.LastSeen : a.Rank < b.Rank;

    private void RotateCandidates(in Bucket bucket)
    {
        Span<byte> newest = stackalloc byte[128];
        newest = newest[.._rowSize];
        CandidateSpan(bucket, bucket.Candidates - 1).CopyTo(newest);
        for (int i = bucket.Candidates - 1; i > 0; i--)
        {
            CandidateSpan(bucket, i - 1).CopyTo(CandidateSpan(bucket, i));
        }

        newest.CopyTo(CandidateSpan(bucket, 0));
    }

    private void ScheduleCheck(ref Bucket bucket, uint at)
    {
        if (bucket.Candidates == 0)
        {
            return;
        }

        bucket.NextCheck = Math.Min(bucket.NextCheck, at);
        _nextCheck = Math.Min(_nextCheck, bucket.NextCheck);
    }
}
