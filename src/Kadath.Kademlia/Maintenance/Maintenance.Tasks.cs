using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>The three things that maintenance does: join, ping, refresh.</content>
public sealed partial class Maintenance<TId, THandle>
{
    private void Rejoin(Instant at)
    {
        IsConnected = false;
        _silent = 0;
        _askRouters = false;
        _nextJoin = Instant.Min(_nextJoin, at);
        _promised = Instant.Never;
    }

    /// <summary>
    /// Own contacts first; if none of them answers the routers, and then a pause that doubles. Once joined, a table that stays thin asks the
    /// routers again in the same rhythm, since two fragments that know only themselves find each other in no other way.
    /// </summary>
    private bool TryJoin(Instant now, out MaintenanceTask<TId, THandle> task)
    {
        task = default;
        if (IsConnected && _table.LiveCount == 0)
        {
            Rejoin(now);
        }

        if (_joining || now < _nextJoin)
        {
            return false;
        }

        if (IsConnected && _table.LiveCount >= _options.FewestContacts)
        {
            _nextJoin = Instant.Never;
            return false;
        }

        _joining = true;
        bool routers = _askRouters || IsConnected || _table.Count == 0;
        task = new(routers ? MaintenanceKind.Bootstrap : MaintenanceKind.LookupSelf, default, _table.Self, JoinDepth);
        return true;
    }

    private void EndJoin(MaintenanceKind kind, int answered, Instant now)
    {
        _joining = false;
        _promised = Instant.Never;
        if (answered == 0)
        {
            bool retryAtOnce = kind == MaintenanceKind.LookupSelf;
            _askRouters = retryAtOnce;
            _nextJoin = now + (retryAtOnce ? s_breath : Pause());
            return;
        }

        if (!IsConnected)
        {
            IsConnected = true;
            _silent = 0;
            _nextRound = now + s_breath;
            _table.RestartRound();
            ScheduleAll(now);
        }

        // After the routers have answered, a lookup through those they named brings the neighbours.
        _askRouters = false;
        bool thin = _table.LiveCount < _options.FewestContacts;
        _backoff = thin ? _backoff : _options.MinBackoff;
        _nextJoin = thin ? now + Pause() : Instant.Never;
        _nextRefresh = kind == MaintenanceKind.Bootstrap ? now + s_breath : _nextRefresh;
        if (kind == MaintenanceKind.Bootstrap && !_table.Options.SplitsEveryBucket)
        {
            _table.BucketRef(_table.BucketCount - 1).NextRefresh = now.Seconds;
        }
    }

    private TimeSpan Pause()
    {
        TimeSpan pause = Jitter(_backoff);
        _backoff = TimeSpan.FromTicks(Math.Min(2 * _backoff.Ticks, _options.MaxBackoff.Ticks));
        return pause;
    }

    /// <summary>Checks for waiting candidates first, then the round through the questionable contacts; one ping per interval.</summary>
    private bool TryPing(Instant now, out MaintenanceTask<TId, THandle> task)
    {
        task = default;
        if (_pings >= MaxPings || now < _nextPing || !MayCheck)
        {
            return false;
        }

        if (!_table.TryGetCheck(now, out Contact<TId, THandle> contact))
        {
            if (!IsConnected || (!TryChooseLost(now, out contact) && !TryChooseQuestionable(now, out contact)))
            {
                return false;
            }
        }

        _pings++;
        // A young table verifies what it was given quickly, so that a small network knits itself together in seconds.
        _nextPing = now + (_table.LiveCount < YoungTable ? Shorter(PingInterval, _options.PingInterval / 10) : PingInterval);
        task = new(MaintenanceKind.Ping, contact, default, 0);
        return true;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private bool TryChooseQuestionable(Instant now, out Contact<TId, THandle> contact)
    {
        contact = default;
        if (now < _nextRound)
        {
            return false;
        }

        if (!_table.TryGetQuestionable(now, out contact))
        {
            EndRound(now);
            return false;
        }

        _roundPings++;
        return true;
    }

    private bool TryChooseLost(Instant now, out Contact<TId, THandle> contact)
    {
        contact = default;
        if (_asksLost || now < _nextLost || !_table.TryGetLost(out contact))
        {
            return false;
        }

        _nextLost = now + Jitter(_options.LostInterval);
        _asked = contact.Id;
        _asksLost = true;
        return true;
    }

    /// <summary>Who was given up is back: so may be others, of whose part of the network every bucket learns by a refresh.</summary>
    private void EndLost(bool answered, Instant now)
    {
        _asksLost = false;
        if (answered && now >= _nextReunion)
        {
            _nextReunion = now + _options.MinRefresh;
            ScheduleAll(now);
        }
    }

    private void EndRound(Instant now)
    {
        bool bad = _roundFails > 1 && 4 * _roundFails > _roundPings, good = 20 * _roundFails <= _roundPings;
        _roundMinutes = Adapt(_roundMinutes, bad, good);
        _roundPings = _roundFails = 0;
        _nextRound = now + Jitter(TimeSpan.FromMinutes(_roundMinutes));
    }

    /// <summary>The bucket whose refresh is due first; our own one by a lookup of our id. One at a time.</summary>
    private bool TryRefresh(Instant now, out MaintenanceTask<TId, THandle> task)
    {
        task = default;
        if (_refreshing || now < _nextRefresh)
        {
            return false;
        }

        if (_table.Options.SplitsEveryBucket)
        {
            _refreshing = true;
            task = new(MaintenanceKind.Refresh, default, NodeIds.Random<TId>(_entropy), 0);
            return true;
        }

        int earliest = 0;
        for (int i = 0; i < _table.BucketCount; i++)
        {
            ref Bucket bucket = ref _table.BucketRef(i);
            if (bucket.NextRefresh == 0)
            {
                Schedule(ref bucket, now);
            }

            earliest = bucket.NextRefresh < _table.BucketRef(earliest).NextRefresh ? i : earliest;
        }

        _nextRefresh = Instant.FromSeconds(_table.BucketRef(earliest).NextRefresh);
        if (now < _nextRefresh)
        {
            return false;
        }

        _refreshing = true;
        task = earliest == _table.BucketCount - 1
            ? new(MaintenanceKind.LookupSelf, default, _table.Self, earliest)
            : new(MaintenanceKind.Refresh, default, NodeIds.RandomAtDepth(_table.Self, earliest, _entropy), earliest);
        return true;
    }

    private void EndRefresh(int depth, Instant now)
    {
        if (!_refreshing)
        {
            return;
        }

        _refreshing = false;
        if (_table.Options.SplitsEveryBucket)
        {
            _nextRefresh = now + Jitter(_options.MapRefresh);
            return;
        }

        ref Bucket bucket = ref _table.BucketRef(Math.Min(depth, _table.BucketCount - 1));
        bucket.RefreshMinutes = Adapt(bucket.RefreshMinutes, bad: bucket.Churn > 1 && 4 * bucket.Churn >= bucket.Count, good: bucket.Churn == 0);
        bucket.Churn = 0;
        bucket.NextRefresh = (now + Jitter(TimeSpan.FromMinutes(bucket.RefreshMinutes))).Seconds;
        _nextRefresh = now + s_breath;
    }

    private byte Adapt(byte minutes, bool bad, bool good) =>
        (byte)Math.Clamp(bad ? minutes / 2 : good ? minutes * 2 : minutes, Minutes(_options.MinRefresh), Minutes(_options.MaxRefresh));

    /// <summary>After joining, every bucket is refreshed once within the first minute or two; then each in its own rhythm.</summary>
    private void ScheduleAll(Instant now)
    {
        for (int i = 0; i < _table.BucketCount && !_table.Options.SplitsEveryBucket; i++)
        {
            Schedule(ref _table.BucketRef(i), now);
        }

        _nextRefresh = now + s_breath;
    }

    private void Schedule(ref Bucket bucket, Instant now)
    {
        bucket.RefreshMinutes = Minutes(3 * _options.MinRefresh);
        bucket.NextRefresh = (now + _entropy.NextBelow(TimeSpan.FromMinutes(1))).Seconds + 1;
    }
}
