using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia.Table;

/// <summary>
/// Runs random operations on a table and checks after each what must always hold. Peers are few and crowd near our id, endpoints fewer
/// still, so that conflicts of ids, handles and groups are the rule.
/// </summary>
internal sealed class TableModel
{
    private const int Peers = 60;

    private readonly EntropyStream _random;
    private readonly TestRules _rules;
    private readonly ContactSlab<Id160, Endpoint> _slab = new(Endpoint.CompactSizeV4);
    private readonly RoutingTable<Id160, Endpoint> _table;
    private readonly Id160[] _ids = new Id160[Peers];
    private readonly Dictionary<Id160, int> _age = [];
    private readonly Dictionary<(int Depth, bool Own), Instant> _displaced = [];
    private readonly bool _rebases;
    private int _admissions;
    private Instant _now = Tables.Start;

    public TableModel(ulong seed, bool splitsEveryBucket, bool idMayMove, bool rebases, bool wide)
    {
        _random = EntropyTree.FromSeed(seed).Stream(1);
        _rebases = rebases;
        Id160 self = NodeIds.Random<Id160>(_random);
        for (int i = 0; i < Peers; i++)
        {
            _ids[i] = NodeIds.RandomAtDepth(self, _random.NextBelow(i % 3 == 0 ? 12 : 4), _random);
        }

        int[] widths = splitsEveryBucket ? [3] : wide ? [30, 28, 26, 4] : [8, 4, 2];
        RoutingTableOptions options = new()
        {
            Widths = widths, SplitsEveryBucket = splitsEveryBucket, WidePerTable = 6, WidePerBucket = 2, MaxFails = 4, PrefersLowRoundTrip = seed % 2 == 0,
        };
        _rules = new() { IdMayMove = idMayMove, Prefers = static (id, _) => (int)(id.High & 1) };
        _table = new(self, options, _rules, _slab);
    }

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
        }

        _table.Clear();
        Assert.Empty(_rules.Held);
        Assert.Equal(0, _slab.ChunksInUse);
    }

    private void Step()
    {
        _now += TimeSpan.FromSeconds(_random.NextBelow(_random.NextBelow(20) == 0 ? 900 : 8));
        List<ContactView<Id160, Endpoint>> before = Tables.All(_table);
        Id160 id = _ids[_random.NextBelow(Peers)];
        Endpoint handle = _random.NextBelow(3) == 0 ? RandomHandle() : HandleOf(id);
        int kind = _random.NextBelow(100);
        switch (kind)
        {
            case < 25:
                _table.Heard(id, handle, _now);
                AssertNothingLost(before);
                break;
            case < 65:
                Answer(id, handle, before);
                break;
            case < 80:
                _table.Failed(id, handle, (RpcFailure)_random.NextBelow(5), _now);
                Assert.Equal(before.Where(c => c.IsLive && c.Contact.Id != id).ToHashSet(), Tables.All(_table).Where(c => c.IsLive && c.Contact.Id != id).ToHashSet());
                break;
            case < 88:
                Check();
                break;
            case < 93:
                _table.Restore(id, handle, _now - TimeSpan.FromHours(1), _now);
                AssertNothingLost(before);
                break;
            case < 94 when _rebases:
                _table.Rebase(_random.NextBelow(4) == 0 ? id : NodeIds.RandomAtDepth(_table.Self, _random.NextBelow(6), _random), _now);
                break;
        }

        AssertInvariants();
        AssertClosest();
    }

    private void Check()
    {
        if (!_table.TryGetCheck(_now, out Contact<Id160, Endpoint> contact))
        {
            Assert.True(_table.NextCheck > _now);
            return;
        }

        List<ContactView<Id160, Endpoint>> before = Tables.All(_table);
        if (_random.NextBelow(2) == 0)
        {
            Answer(contact.Id, contact.Handle, before);
        }
        else
        {
            _table.Failed(contact.Id, contact.Handle, RpcFailure.TimedOut, _now);
        }
    }

    private void Answer(Id160 id, Endpoint handle, List<ContactView<Id160, Endpoint>> before)
    {
        Dictionary<Id160, int> bucketOf = before.ToDictionary(static c => c.Contact.Id, c => BucketOf(c.Contact.Id));
        TimeSpan roundTrip = TimeSpan.FromMilliseconds(1 + _random.NextBelow(1000));
        Admission admission = _table.Answered(id, handle, roundTrip, _now);
        HashSet<Id160> after = [.. Tables.All(_table).Select(static c => c.Contact.Id)];
        ContactView<Id160, Endpoint>[] lost = [.. before.Where(c => c.IsLive && c.Contact.Handle != handle && !after.Contains(c.Contact.Id))];
        Assert.True(lost.Length <= 1);
        Assert.Equal(admission is Admission.Added or Admission.Known, after.Contains(id) && _table.TryFind(id, out ContactView<Id160, Endpoint> now) && now.Contact.Handle == handle && now.IsLive);
        if (lost.Length == 1 && !_rebases)
        {
            AssertDisplacement(id, roundTrip, lost[0], before, bucketOf);
        }
    }

    /// <summary>A live contact was displaced: by preference, from the younger half, for the first time within a minute.</summary>
    private void AssertDisplacement(Id160 id, TimeSpan roundTrip, ContactView<Id160, Endpoint> lost, List<ContactView<Id160, Endpoint>> before, Dictionary<Id160, int> bucketOf)
    {
        int own = _rules.Preference(lost.Contact.Id, default), preference = _rules.Preference(id, default);
        Assert.True(own < preference || (own == preference && _table.Options.PrefersLowRoundTrip && lost.RoundTrip >= 2 * roundTrip));
        Id160[] mates = [.. before.Select(static c => c.Contact.Id).Where(mate => BucketOf(mate) == BucketOf(lost.Contact.Id) && bucketOf[mate] == bucketOf[lost.Contact.Id])];
        Assert.True(mates.Count(mate => _age[mate] < _age[lost.Contact.Id]) >= (mates.Length + 1) / 2);
        (int, bool) bucket = (BucketOf(lost.Contact.Id), BucketOf(lost.Contact.Id) == _table.BucketCount - 1);
        Assert.True(!_displaced.TryGetValue(bucket, out Instant last) || _now - last >= TimeSpan.FromSeconds(59));
        _displaced[bucket] = _now;
    }

    private void AssertNothingLost(List<ContactView<Id160, Endpoint>> before)
    {
        HashSet<Contact<Id160, Endpoint>> after = [.. Tables.All(_table).Select(static c => c.Contact)];
        Assert.All(before, contact => Assert.Contains(contact.Contact, after));
    }

    private void AssertInvariants()
    {
        List<ContactView<Id160, Endpoint>> all = Tables.All(_table);
        Assert.Equal(_table.Count, all.Count);
        Assert.Equal(_table.LiveCount, all.Count(static c => c.IsLive));
        Assert.Equal(all.Count, all.Select(static c => c.Contact.Id).Distinct().Count());
        Assert.Equal(all.Count, all.Select(static c => c.Contact.Handle.AddressV4).Distinct().Count());
        Assert.DoesNotContain(all, c => c.Contact.Id == _table.Self);
        Assert.All(all, c => Assert.True(_table.Contains(c.Contact.Id)));
        Assert.All(all.GroupBy(static c => c.Contact.Handle.AddressV4 >> 8), g => Assert.InRange(g.Count(), 1, _table.Options.WidePerTable));
        AssertBuckets(all);
        foreach (Id160 gone in _age.Keys.Except(all.Select(static c => c.Contact.Id)).ToArray())
        {
            _age.Remove(gone);
        }

        foreach (ContactView<Id160, Endpoint> contact in all)
        {
            _admissions += _age.TryAdd(contact.Contact.Id, _admissions) ? 1 : 0;
        }
    }

    private void AssertBuckets(List<ContactView<Id160, Endpoint>> all)
    {
        Dictionary<Endpoint, int> held = all.ToDictionary(static c => c.Contact.Handle, static _ => 1);
        var candidates = new Contact<Id160, Endpoint>[9];
        int contacts = 0;
        for (int i = 0; i < _table.BucketCount; i++)
        {
            BucketView bucket = _table.BucketAt(i);
            Assert.InRange(bucket.Contacts, 0, bucket.Width);
            int count = _table.CopyCandidates(i, candidates);
            Assert.InRange(count, 0, 5);
            for (int c = 0; c < count; c++)
            {
                held[candidates[c].Handle] = held.GetValueOrDefault(candidates[c].Handle) + 1;
                Assert.False(_table.Contains(candidates[c].Id));
            }

            Id160[] ids = [.. all.Skip(contacts).Take(bucket.Contacts).Select(static c => c.Contact.Id)];
            Assert.All(ids, id => Assert.True(_table.Options.SplitsEveryBucket ? NodeIds.CommonPrefix(id, ids[0]) >= bucket.Depth : BucketOf(id) == i));
            Assert.All(all.Skip(contacts).Take(bucket.Contacts).GroupBy(static c => c.Contact.Handle.AddressV4 >> 8), g => Assert.InRange(g.Count(), 1, 2));
            contacts += bucket.Contacts;
        }

        Assert.Equal(_table.Count, contacts);
        Assert.InRange(_table.LostCount, 0, 8);
        for (int i = 0; i < _table.LostCount; i++)
        {
            Assert.True(_table.TryGetLost(out Contact<Id160, Endpoint> lost));
            Assert.DoesNotContain(all, c => c.Contact.Handle == lost.Handle);
            held[lost.Handle] = held.GetValueOrDefault(lost.Handle) + 1;
        }

        Assert.Equal(held, _rules.Held);
    }

    private void AssertClosest()
    {
        Id160 target = _random.NextBelow(2) == 0 ? NodeIds.Random<Id160>(_random) : _ids[_random.NextBelow(Peers)];
        List<ContactView<Id160, Endpoint>> all = Tables.All(_table);
        all.Sort((a, b) => NodeIds.CompareDistance(target, a.Contact.Id, b.Contact.Id));
        int k = 1 + _random.NextBelow(12);
        var found = new Contact<Id160, Endpoint>[k];
        int count = _table.Closest(target, found, ContactUse.Ask);
        Assert.Equal(all.Take(k).Select(static c => c.Contact), found.Take(count));
        count = _table.Closest(target, found, ContactUse.Name);
        Assert.Equal(all.Where(static c => c.IsLive).Take(k).Select(static c => c.Contact), found.Take(count));
        byte[] rows = new byte[k * 26];
        Assert.Equal(count, _table.CopyClosest(target, k, rows));
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(found[i].Id, Id160.Read(rows.AsSpan(i * 26)));
            Assert.Equal(found[i].Handle, _rules.Unpack(rows.AsSpan((i * 26) + 20)));
        }
    }

    private int BucketOf(in Id160 id) => Math.Min(NodeIds.CommonPrefix(_table.Self, id), _table.BucketCount - 1);

    private static Endpoint HandleOf(in Id160 id) => Endpoint.V4(0x0B000000 | (uint)(id.High & 0xFFF), 1);

    private Endpoint RandomHandle() => Endpoint.V4(0x0B000000 | (uint)_random.NextBelow(0x1000), (ushort)(1 + _random.NextBelow(3)));
}
