using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

/// <summary>Inputs in any order, with any slot and at any time, break no invariant of a lookup.</summary>
public class HostileSequenceTests
{
    [Fact]
    public void Any_sequence_of_inputs_keeps_the_bounds_and_ends()
    {
        for (ulong seed = 0; seed < 400; seed++)
        {
            EntropyStream entropy = EntropyTree.FromSeed(seed).Stream(0);
            NumberRules rules = new() { IdMayMove = seed % 2 == 0, Groups = h => new((ulong)(h % 50), (ulong)(h % 9)) };
            LookupOptions options = new()
            {
                Width = 1 + entropy.NextBelow(10), Parallelism = 1 + entropy.NextBelow(6), Paths = 1 + entropy.NextBelow(8), Shortlist = 16 + entropy.NextBelow(30),
                MaxQueries = 1 + entropy.NextBelow(60), PlainAfterSilence = entropy.NextBelow(2) == 0, NarrowLimit = entropy.NextBelow(3), WideLimit = entropy.NextBelow(4),
                Deadline = TimeSpan.FromSeconds(40),
            };
            LookupMachine<Id160, int> lookup = new();
            LookupRequest<Id160, int> request = new()
            {
                Target = default, Self = new(7, 0, 0), Options = options, Rules = rules, RoundTrips = new(),
            };
            lookup.Start(request, Contacts(entropy), Instant.Zero);
            Play(lookup, options, rules, entropy);
            lookup.Reset();
            Assert.Empty(rules.Held);
        }
    }

    private static void Play(LookupMachine<Id160, int> lookup, LookupOptions options, NumberRules rules, EntropyStream entropy)
    {
        Instant now = Instant.Zero;
        List<int> slots = [0, -1, int.MaxValue, 12345];
        HashSet<(int, bool)> asked = [];
        int handedOut = 0;
        for (int step = 0; step < 600; step++)
        {
            now += TimeSpan.FromMilliseconds(entropy.NextBelow(150));
            int slot = slots[entropy.NextBelow(slots.Count)];
            switch (entropy.NextBelow(9))
            {
                case 0 or 1:
                    if (lookup.TryNext(now, out LookupQuery<Id160, int> query))
                    {
                        handedOut++;
                        slots.Add(query.Slot);
                        Assert.True(asked.Add((query.Slot, query.Plain)), "a slot is handed out once, and once more plainly");
                    }

                    break;
                case 2 or 3:
                    lookup.Sent(slot, now, entropy.NextBelow(2) == 0 ? null : TimeSpan.FromMilliseconds(entropy.NextBelow(30_000)));
                    break;
                case 4:
                    lookup.Partial(slot, Contacts(entropy), now);
                    break;
                case 5:
                    lookup.Replied(slot, Contacts(entropy), TimeSpan.FromMilliseconds(entropy.NextBelow(9000) - 10), 1, now);
                    break;
                case 6:
                    lookup.Failed(slot, (RpcFailure)entropy.NextBelow(5), now);
                    break;
                case 7:
                    _ = entropy.NextBelow(2) == 0 ? lookup.Unspoken(slot, now) : lookup.Named(slot, new((ulong)entropy.NextBelow(40), 0, 0), now);
                    lookup.AddNameless(entropy.NextBelow(100));
                    break;
                default:
                    lookup.Wake(now);
                    break;
            }

            Check(lookup, options, rules, handedOut, now);
        }

        Assert.True(lookup.IsDone, "the deadline ends it");
        Assert.True(lookup.NextDeadline.IsNever);
    }

    private static void Check(LookupMachine<Id160, int> lookup, LookupOptions options, NumberRules rules, int handedOut, Instant now)
    {
        Assert.True(handedOut <= options.MaxQueries);
        Assert.True(rules.Held.Values.Sum() <= options.Shortlist + (8 * options.Paths) + options.MaxQueries + 32);
        LookupOutcome<Id160, int>[] outcomes = new LookupOutcome<Id160, int>[100];
        outcomes = outcomes[..lookup.Outcomes(outcomes)];
        LookupReport report = lookup.Report;
        Assert.Equal(outcomes.Count(o => o.State == LookupPeerState.Answered), report.Answered);
        Assert.Equal(outcomes.Count(o => o.State == LookupPeerState.Failed), report.Failed);
        foreach (IGrouping<int, LookupOutcome<Id160, int>> path in outcomes.GroupBy(o => o.Path))
        {
            Assert.True(path.Count(o => o.State is LookupPeerState.Dialing or LookupPeerState.Waiting) <= options.Parallelism);
        }

        LookupAnswer<Id160, int>[] closest = new LookupAnswer<Id160, int>[20];
        closest = closest[..lookup.Closest(closest)];
        Assert.True(closest.Length <= options.Width);
        Assert.Equal(closest.Length, closest.Select(a => a.Contact).Distinct().Count());
        Assert.Equal(closest.Select(a => a.Contact.Id).Order(LookupTests.ById), closest.Select(a => a.Contact.Id));
        Assert.True(lookup.IsDone || lookup.NextDeadline <= Instant.Zero + options.Deadline);
        _ = now;
    }

    private static Contact<Id160, int>[] Contacts(EntropyStream entropy) =>
        [.. Enumerable.Range(0, entropy.NextBelow(40)).Select(_ => new Contact<Id160, int>(new((ulong)entropy.NextBelow(40), 0, 0), entropy.NextBelow(100)))];
}
