using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

/// <summary>What holds for every lookup, on random static networks and against liars.</summary>
public class LookupPropertyTests
{
    [Fact]
    public void No_peer_is_asked_twice_and_no_more_are_in_flight_than_allowed()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            LookupOptions options = new() { Parallelism = 1 + (int)(seed % 5), Paths = 1 + (int)(seed % 3) };
            StaticNetwork network = new(300, seed)
            {
                Inspect = (_, n) => Assert.True(n.Queries.Count <= options.MaxQueries),
            };
            int most = 0;
            network.Inspect += (lookup, n) => most = Math.Max(most, InFlight(lookup));
            network.Run(network.RandomId(), options);
            Assert.Equal(network.Queries.Count, network.Queries.Select(q => q.Contact.Handle).Distinct().Count());
            Assert.InRange(most, 1, options.Parallelism * options.Paths);
        }
    }

    [Fact]
    public void A_lookup_ends_in_any_network_however_small_or_dead()
    {
        for (ulong seed = 0; seed < 60; seed++)
        {
            StaticNetwork network = new(1 + (int)(seed % 30), seed);
            for (int i = 0; i < network.Nodes.Length; i++)
            {
                network.Alive[i] = network.Entropy.NextBelow(100) < (int)(seed % 4) * 33;
            }

            LookupMachine<Id160, int> lookup = network.Run(network.RandomId(), new() { Paths = 1 + (int)(seed % 8) });
            Assert.True(lookup.Report.End is LookupEnd.Converged or LookupEnd.Exhausted, $"{lookup.Report}");
            int answered = lookup.Report.Answered;
            Assert.Equal(Math.Min(answered, 8), LookupTests.Found(lookup, 20).Length);
            lookup.Reset();
            Assert.Empty(network.Rules.Held);
        }
    }

    [Fact]
    public void Disjoint_paths_share_no_node_and_find_the_same()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            StaticNetwork network = new(600, seed);
            Id160 target = network.RandomId();
            LookupMachine<Id160, int> lookup = network.Run(target, new() { Paths = 4, Parallelism = 2 });
            Assert.Equal(4, network.Queries.Select(q => q.Path).Distinct().Count());
            Assert.Equal(network.Queries.Count, network.Queries.Select(q => q.Contact.Handle).Distinct().Count());
            Assert.True(LookupTests.Found(lookup, 8).Intersect(LookupTests.Expected(network, target, 8)).Count() >= 7);
            lookup.Reset();
        }
    }

    [Fact]
    public void What_a_liar_names_on_one_path_is_not_asked_on_another()
    {
        StaticNetwork network = new(200, 3);
        Id160 target = network.RandomId();
        HashSet<int> colluders = [.. Enumerable.Range(0, 200).Where(i => i % 8 == 1)];
        // Colluders name only colluders, of the closest; honest nodes never name them.
        network.Reply = (node, t) => colluders.Contains(node)
            ? network.Closest(t, 8, colluders.Contains)
            : [.. network.Known(node, t, 60).Where(c => !colluders.Contains(c.Handle)).Take(8)];
        Contact<Id160, int>[] seeds = network.Known(0, target, 16);
        network.Run(target, new() { Paths = 4, Parallelism = 2 });
        bool[] tainted = [.. Enumerable.Range(0, 4).Select(path => seeds.Where((_, i) => i % 4 == path).Any(c => colluders.Contains(c.Handle)))];
        Assert.Contains(true, tainted);
        Assert.Contains(false, tainted);
        Assert.All(network.Queries, q => Assert.True(tainted[q.Path] || !colluders.Contains(q.Contact.Handle)));
    }

    [Fact]
    public void At_most_so_many_of_a_group_are_relied_on()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            StaticNetwork network = new(400, seed) { Rules = new() { Groups = handle => new((ulong)(handle % 130) + 1, (ulong)(handle % 40) + 1) } };
            LookupMachine<Id160, int> lookup = network.Run(network.RandomId(), new() { NarrowLimit = 1, WideLimit = 2 });
            LookupOutcome<Id160, int>[] outcomes = new LookupOutcome<Id160, int>[400];
            int[] answered = [.. outcomes[..lookup.Outcomes(outcomes)].Where(o => o.State == LookupPeerState.Answered).Select(o => o.Contact.Handle)];
            Assert.All(answered.GroupBy(h => h % 130), g => Assert.True(g.Count() <= 1));
            Assert.All(answered.GroupBy(h => h % 40), g => Assert.True(g.Count() <= 2));
            Assert.Equal(8, LookupTests.Found(lookup, 8).Length);
        }
    }

    [Fact]
    public void A_failed_node_gives_its_place_in_the_group_back()
    {
        NumberRules rules = new() { Groups = _ => new(0, 9) };
        LookupMachine<Id160, int> lookup = new();
        Contact<Id160, int>[] seeds = [.. Enumerable.Range(1, 3).Select(i => new Contact<Id160, int>(new((ulong)i, 0, 0), i))];
        lookup.Start(Request(rules, new() { WideLimit = 1 }), seeds, Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> first));
        Assert.False(lookup.TryNext(Instant.Zero, out _));
        Assert.True(lookup.Failed(first.Slot, RpcFailure.Unreachable, Instant.Zero));
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> second));
        Assert.NotEqual(first.Contact, second.Contact);
    }

    [Fact]
    public void A_slow_peer_frees_its_slot_and_its_late_answer_counts()
    {
        NumberRules rules = new();
        LookupMachine<Id160, int> lookup = new();
        Contact<Id160, int>[] seeds = [.. Enumerable.Range(1, 3).Select(i => new Contact<Id160, int>(new((ulong)i, 0, 0), i))];
        lookup.Start(Request(rules, new() { Parallelism = 1 }), seeds, Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> slow));
        Instant sent = Instant.FromSeconds(3);
        Assert.True(lookup.Sent(slow.Slot, sent, TimeSpan.FromMilliseconds(200)));
        Assert.False(lookup.TryNext(sent, out _));
        Assert.Equal(sent + TimeSpan.FromMilliseconds(200), lookup.NextDeadline);
        Instant soft = lookup.NextDeadline;
        lookup.Wake(soft);
        Assert.True(lookup.TryNext(soft, out LookupQuery<Id160, int> hedge));
        Assert.NotEqual(slow.Slot, hedge.Slot);
        Contact<Id160, int>[] named = [new(new(0, 0, 9), 9)];
        Assert.True(lookup.Replied(slow.Slot, named, TimeSpan.FromMilliseconds(300), 42, soft + TimeSpan.FromMilliseconds(100)));
        Assert.True(lookup.TryReadAnswer(out LookupAnswer<Id160, int> answer));
        Assert.Equal((42UL, 1), (answer.Ticket, answer.Depth));
        Assert.Equal((1, 1), (lookup.Report.Hedged, lookup.Report.Late));
        lookup.Failed(hedge.Slot, RpcFailure.Unreachable, soft);
        Assert.True(lookup.TryNext(soft, out LookupQuery<Id160, int> next));
        Assert.Equal(9, next.Contact.Handle);
    }

    [Fact]
    public void The_timeout_begins_with_the_sending_not_with_the_dial()
    {
        LookupMachine<Id160, int> lookup = new();
        lookup.Start(Request(new NumberRules(), new() { DialTimeout = TimeSpan.FromSeconds(5) }), [new(new(1, 0, 0), 1)], Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> query));
        lookup.Wake(Instant.FromSeconds(4));
        Assert.True(lookup.Sent(query.Slot, Instant.FromSeconds(4), TimeSpan.FromSeconds(2)));
        lookup.Wake(Instant.FromSeconds(5));
        Assert.Equal(0, lookup.Report.Hedged);
        Assert.True(lookup.Replied(query.Slot, [], null, 0, Instant.FromSeconds(5)));
        Assert.Equal(0, lookup.Report.Late);
    }

    [Fact]
    public void A_dial_that_hangs_is_given_up()
    {
        LookupMachine<Id160, int> lookup = new();
        lookup.Start(Request(new NumberRules(), new() { DialTimeout = TimeSpan.FromSeconds(5) }), [new(new(1, 0, 0), 1)], Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out _));
        Assert.Equal(Instant.FromSeconds(5), lookup.NextDeadline);
        lookup.Wake(Instant.FromSeconds(5));
        Assert.False(lookup.TryNext(Instant.FromSeconds(5), out _));
        Assert.Equal((LookupEnd.Exhausted, 1), (lookup.Report.End, lookup.Report.Failed));
    }

    [Fact]
    public void A_peer_that_does_not_speak_the_method_is_asked_plainly_once()
    {
        LookupMachine<Id160, int> lookup = new();
        lookup.Start(Request(new NumberRules(), new()), [new(new(1, 0, 0), 1)], Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> query));
        Assert.False(query.Plain);
        lookup.Sent(query.Slot, Instant.Zero);
        Assert.True(lookup.Unspoken(query.Slot, Instant.FromSeconds(1)));
        Assert.True(lookup.TryNext(Instant.FromSeconds(1), out LookupQuery<Id160, int> again));
        Assert.Equal((query.Slot, true), (again.Slot, again.Plain));
        lookup.Sent(again.Slot, Instant.FromSeconds(1));
        Assert.True(lookup.Replied(again.Slot, [new(new(2, 0, 0), 2)], null, 0, Instant.FromSeconds(1)));
        Assert.True(lookup.TryReadAnswer(out LookupAnswer<Id160, int> answer));
        Assert.True(answer.Plain);
        Assert.True(lookup.TryNext(Instant.FromSeconds(1), out LookupQuery<Id160, int> next));
        Assert.Equal((2, false), (next.Contact.Handle, next.Plain));
    }

    [Fact]
    public void Silence_to_a_method_is_followed_by_the_plain_query_where_that_is_asked_for()
    {
        LookupMachine<Id160, int> lookup = new();
        lookup.Start(Request(new NumberRules(), new() { PlainAfterSilence = true }), [new(new(1, 0, 0), 1)], Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> query));
        lookup.Sent(query.Slot, Instant.Zero, TimeSpan.FromMilliseconds(100));
        Instant soft = lookup.NextDeadline;
        lookup.Wake(soft);
        Assert.True(lookup.TryNext(soft, out LookupQuery<Id160, int> plain));
        Assert.True(plain.Plain);
        lookup.Sent(plain.Slot, soft);
        Assert.True(lookup.Unspoken(query.Slot, soft + TimeSpan.FromSeconds(1)));
        Assert.False(lookup.AnsweredPlainly(plain.Slot));
        Assert.True(lookup.Replied(plain.Slot, [], null, 0, soft + TimeSpan.FromSeconds(1)));
        Assert.Equal(2, lookup.Report.Messages);
        Assert.True(lookup.AnsweredPlainly(plain.Slot));

        // The method itself is answered after all: once.
        Assert.True(lookup.Amend(query.Slot, 7, soft + TimeSpan.FromSeconds(1)));
        Assert.False(lookup.Amend(query.Slot, 8, soft + TimeSpan.FromSeconds(1)));
        Assert.True(lookup.TryReadAnswer(out LookupAnswer<Id160, int> answer));
        Assert.Equal((false, 7UL), (answer.Plain, answer.Ticket));
    }

    [Fact]
    public void A_bootstrap_endpoint_names_itself_and_takes_its_place()
    {
        LookupMachine<Id160, int> lookup = new();
        lookup.Start(Request(new NumberRules(), new()), [], Instant.Zero);
        Assert.True(lookup.AddNameless(5));
        Assert.False(lookup.AddNameless(5));
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> query));
        Assert.True(query.Nameless);
        lookup.Sent(query.Slot, Instant.Zero);
        Assert.True(lookup.Named(query.Slot, new(3, 0, 0), Instant.Zero));
        Assert.True(lookup.Replied(query.Slot, [], null, 7, Instant.Zero));
        LookupAnswer<Id160, int>[] closest = new LookupAnswer<Id160, int>[8];
        Assert.Equal(1, lookup.Closest(closest));
        Assert.Equal(new Id160(3, 0, 0), closest[0].Contact.Id);
        Assert.False(lookup.TryNext(Instant.Zero, out _));
        Assert.Equal(LookupEnd.Exhausted, lookup.Report.End);
    }

    [Fact]
    public void Our_own_id_and_a_mirror_of_it_are_refused()
    {
        LookupMachine<Id160, int> lookup = new();
        LookupRequest<Id160, int> request = Request(new NumberRules(), new());
        lookup.Start(request, [new(request.Self, 1), new(new(1, 0, 0), 2)], Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> query));
        Assert.Equal(2, query.Contact.Handle);
        Assert.False(lookup.Named(query.Slot, request.Self, Instant.Zero));
        Assert.False(lookup.TryNext(Instant.Zero, out _));
        Assert.Equal((LookupEnd.Exhausted, 1), (lookup.Report.End, lookup.Report.Failed));
    }

    [Fact]
    public void Slots_of_a_lookup_that_was_reset_are_refused()
    {
        LookupPool<Id160, int> pool = new();
        LookupMachine<Id160, int> lookup = pool.Rent();
        lookup.Start(Request(new NumberRules(), new()), [new(new(1, 0, 0), 1)], Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out LookupQuery<Id160, int> old));
        pool.Return(lookup);
        Assert.Same(lookup, pool.Rent());
        lookup.Start(Request(new NumberRules(), new()), [new(new(2, 0, 0), 2)], Instant.Zero);
        Assert.True(lookup.TryNext(Instant.Zero, out _));
        Assert.False(lookup.Sent(old.Slot, Instant.Zero));
        Assert.False(lookup.Replied(old.Slot, [new(new(4, 0, 0), 4)], null, 0, Instant.Zero));
        Assert.False(lookup.Failed(old.Slot, RpcFailure.TimedOut, Instant.Zero));
    }

    [Fact]
    public void Inventors_of_contacts_cost_a_bounded_number_of_queries()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            StaticNetwork network = new(200, seed);
            Id160 target = network.RandomId();
            int invented = 1_000_000;
            network.Reply = (node, t) => [.. Enumerable.Range(0, 100).Select(_ => new Contact<Id160, int>(Id160.Splice(t, network.RandomId(), 100), invented++))];
            LookupMachine<Id160, int> lookup = network.Run(target, new() { MaxQueries = 100, Deadline = TimeSpan.FromSeconds(30) });
            Assert.True(network.Queries.Count <= 100);
            Assert.True(network.Rules.Held.Count <= 128 + 100, $"{network.Rules.Held.Count}");
            Assert.True(lookup.Report.Elapsed <= TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void A_warm_lookup_allocates_nothing()
    {
        StaticNetwork network = new(50, 1);
        LookupMachine<Id160, int> lookup = new();
        LookupRequest<Id160, int> request = Request(new SilentRules(), new() { Paths = 2 });
        Contact<Id160, int>[] contacts = [.. network.Nodes];
        LookupAnswer<Id160, int>[] closest = new LookupAnswer<Id160, int>[8];
        void Work(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Instant now = Instant.FromSeconds((uint)i);
                lookup.Start(request, contacts.AsSpan(0, 10), now);
                while (lookup.TryNext(now, out LookupQuery<Id160, int> query))
                {
                    lookup.Sent(query.Slot, now);
                    lookup.Replied(query.Slot, contacts.AsSpan(i % 40, 8), TimeSpan.FromMilliseconds(20), 0, now);
                }

                lookup.Closest(closest);
                lookup.Reset();
            }
        }

        Work(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(200);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_soft_timeout_is_learned_from_the_answers_seen()
    {
        RoundTripEstimator estimator = new();
        Assert.Equal(RoundTripEstimator.Initial, estimator.SoftTimeout);
        EntropyStream entropy = EntropyTree.FromSeed(1).Stream(0);
        for (int i = 0; i < 2000; i++)
        {
            estimator.Observe(TimeSpan.FromMilliseconds(100 + entropy.NextBelow(200)));
        }

        Assert.InRange(estimator.SoftTimeout.TotalMilliseconds, 260, 340);
        estimator.Observe(TimeSpan.FromSeconds(30));
        Assert.InRange(estimator.SoftTimeout.TotalMilliseconds, 260, 360);
        PeerRoundTrip peer = default;
        Assert.Null(peer.SoftTimeout);
        peer = peer.With(TimeSpan.FromMilliseconds(100));
        Assert.Equal(300, peer.SoftTimeout!.Value.TotalMilliseconds);
        for (int i = 0; i < 50; i++)
        {
            peer = peer.With(TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(peer.SoftTimeout!.Value.TotalMilliseconds, 100, 120);
    }

    private static LookupRequest<Id160, int> Request(IContactRules<Id160, int> rules, LookupOptions options) => new()
    {
        Target = default, Self = new(ulong.MaxValue, 1, 1), Options = options, Rules = rules, RoundTrips = new(),
    };

    private static int InFlight(LookupMachine<Id160, int> lookup)
    {
        LookupOutcome<Id160, int>[] outcomes = new LookupOutcome<Id160, int>[600];
        return outcomes[..lookup.Outcomes(outcomes)].Count(o => o.State is LookupPeerState.Waiting or LookupPeerState.Dialing);
    }

    private sealed class SilentRules : IContactRules<Id160, int>
    {
        public int PackedSize => 4;

        public bool IdMayMove => false;

        public void Pack(in int handle, Span<byte> destination) => BitConverter.TryWriteBytes(destination, handle);

        public int Unpack(ReadOnlySpan<byte> packed) => BitConverter.ToInt32(packed);

        public GroupKeys GroupsOf(in int handle) => new((ulong)handle + 1, 0);

        public int Preference(in Id160 id, in int handle) => 0;

        public void Retain(in int handle)
        {
        }

        public void Release(in int handle)
        {
        }
    }
}
