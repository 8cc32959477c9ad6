using FsCheck;
using FsCheck.Fluent;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

public sealed class AdaptiveNegotiationTests
{
    private static readonly NamedGroup[] Groups = [NamedGroup.X25519, NamedGroup.X25519MLKEM768, NamedGroup.SecP384r1MLKEM1024];

    private static readonly CipherSuite[] Suites = [CipherSuite.Aes128GcmSha256, CipherSuite.Aes256GcmSha384, CipherSuite.ChaCha20Poly1305Sha256];

    private readonly AdaptiveNegotiation _adaptive = new();

    [Fact]
    public void Without_facts_it_is_the_baseline() =>
        Assert.Equal(new OrderedNegotiation().Choose(Input(NegotiationFacts.None)), _adaptive.Choose(Input(NegotiationFacts.None)));

    [Fact]
    public void The_clearly_cheapest_suite_wins_and_a_small_difference_does_not_count()
    {
        Assert.Equal(CipherSuite.ChaCha20Poly1305Sha256, _adaptive.Choose(Input(Costs(1000, 300))).Suite);
        Assert.Equal(CipherSuite.Aes128GcmSha256, _adaptive.Choose(Input(Costs(1000, 900))).Suite);
        Assert.Equal(CipherSuite.ChaCha20Poly1305Sha256, _adaptive.Choose(Input(Costs(100, 900)) with { ClientSuites = [CipherSuite.ChaCha20Poly1305Sha256, .. Suites] }).Suite);

        static NegotiationFacts Costs(double aes, double chacha) =>
            new() { SuiteCosts = new Dictionary<CipherSuite, double> { [CipherSuite.Aes128GcmSha256] = aes, [CipherSuite.ChaCha20Poly1305Sha256] = chacha } };
    }

    [Fact]
    public void Risk_raises_what_is_chosen()
    {
        var elevated = _adaptive.Choose(Input(new() { Risk = NegotiationRisk.Elevated }));
        Assert.Equal((NamedGroup.X25519MLKEM768, true, false, AdaptiveNegotiation.CarefulKeyUpdateAge), (elevated.Group, elevated.AllowTickets, elevated.AllowEarlyData, elevated.KeyUpdateAge));
        var high = _adaptive.Choose(Input(new() { Risk = NegotiationRisk.High }));
        Assert.Equal((NamedGroup.SecP384r1MLKEM1024, CipherSuite.Aes256GcmSha384, false), (high.Group, high.Suite, high.AllowTickets));
        Assert.False(_adaptive.Choose(Input(new() { Peer = new(Handshakes: 100, Failures: 0, Replays: 1) })).AllowEarlyData);
        Assert.False(_adaptive.Choose(Input(new() { Peer = new(Handshakes: 2, Failures: 6, Replays: 0) })).AllowEarlyData);
        Assert.True(_adaptive.Choose(Input(new() { Peer = new(Handshakes: 100, Failures: 6, Replays: 0) })).AllowEarlyData);
    }

    [Fact]
    public void Whatever_the_facts_nothing_is_chosen_that_was_not_offered() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int Groups, int Shares, int Suites, int Risk, int Failures)>(),
        draw =>
        {
            var groups = Subset(Groups, draw.Groups);
            var suites = Subset(Suites, draw.Suites);
            NegotiationFacts facts = new() { Risk = (NegotiationRisk)(Math.Abs((long)draw.Risk) % 3), Peer = new(0, draw.Failures, 0) };
            NegotiationInput input = new(groups, [.. Subset(Groups, draw.Shares).Intersect(groups)], suites, [.. suites.Reverse()], facts);
            var choice = _adaptive.Choose(input);
            return groups.Contains(choice.Group) && suites.Contains(choice.Suite);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_choice_without_tickets_means_a_full_handshake()
    {
        using var store = new StatefulTickets(new SeededKeyEntropy(9));
        var server = Setup.Server(NamedGroup.X25519) with { TakeSessions = true };
        using var session = ResumptionTests.FirstSession(store, server, Setup.Client(NamedGroup.X25519));
        var policy = server.Policy with { Negotiation = _adaptive, Facts = new() { Risk = NegotiationRisk.High } };
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519) with { Session = session }, server with { Policy = policy }, Setup.Raw());
        pair.Run();
        Assert.Equal(HandshakeKind.Full, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
        Assert.DoesNotContain(pair.Server.Pauses, pause => pause is SessionNeeded);
        Assert.False(pair.Server.Connection.Server!.ClientTakesTickets);
    }

    [Fact]
    public void Without_AES_in_the_processor_ChaCha20_stands_first()
    {
        Assert.Equal(CipherSuite.ChaCha20Poly1305Sha256, TlsPolicy.SuitesFor(hasAes: false)[0]);
        Assert.Equal(CipherSuite.Aes128GcmSha256, TlsPolicy.SuitesFor(hasAes: true)[0]);
    }

    private static T[] Subset<T>(T[] all, int mask)
    {
        T[] chosen = [.. all.Where((_, index) => (mask >> index & 1) == 1)];
        return chosen.Length > 0 ? chosen : all;
    }

    private static NegotiationInput Input(NegotiationFacts facts) => new(Groups, [NamedGroup.X25519], Suites, Suites, facts);
}
