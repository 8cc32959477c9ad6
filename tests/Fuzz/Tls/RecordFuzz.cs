using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Fuzz.Tls;

/// <summary>Streams of records, cut anywhere and changed now and then: nothing throws, and what arrives is what was sent, or nothing more of it.</summary>
public sealed class RecordFuzz
{
    private const int Rounds = 150;

    [Fact]
    public void What_arrives_is_the_beginning_of_what_was_sent()
    {
        var entropy = FuzzRun.Stream(101);
        var (failed, unharmed) = (0, 0);
        for (var round = 0; round < Rounds * FuzzRun.Factor; round++)
        {
            var harmful = entropy.NextBelow(3) > 0;
            Mutator mutator = new(entropy, [[20, 3, 3, 0, 1, 1], [21, 3, 3, 0, 2, 2, 40], [22, 3, 3, 0, 4, 0, 0, 0, 0], [23, 3, 3, 0, 20]]);
            using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
            var seed = $"round {round} of seed {FuzzRun.Seed}";
            pair.Wire = (bytes, _) => harmful && bytes.Length > 0 && entropy.NextBelow(6) == 0 ? mutator.Mutate(bytes) : bytes;
            RunInPieces(pair, entropy);
            if (pair.Client.Connection.IsEstablished && pair.Server.Connection.IsEstablished)
            {
                Talk(pair, entropy, seed);
            }

            var fault = pair.Client.Connection.Fault ?? pair.Server.Connection.Fault;
            (failed, unharmed) = fault is null ? (failed, unharmed + 1) : (failed + 1, unharmed);
            Assert.False(!harmful && fault is not null, $"{seed}: {fault}");
        }

        Assert.True(failed > Rounds / 4 && unharmed > Rounds / 4, $"{failed} failed, {unharmed} did not");
    }

    private static void Talk(TlsPair pair, EntropyStream entropy, string seed)
    {
        List<byte> sentByClient = [], sentByServer = [];
        for (var i = 0; i < 6; i++)
        {
            Write(pair.Client, sentByClient);
            Write(pair.Server, sentByServer);
            RunInPieces(pair, entropy);
            Assert.True(sentByClient.Take(pair.Server.Data.Count).SequenceEqual(pair.Server.Data), seed);
            Assert.True(sentByServer.Take(pair.Client.Data.Count).SequenceEqual(pair.Client.Data), seed);
        }

        void Write(TlsSide side, List<byte> sent)
        {
            if (!side.Connection.IsEstablished)
            {
                return;
            }

            if (entropy.NextBelow(4) == 0)
            {
                side.Connection.UpdateKeys(entropy.NextBelow(2) == 0);
            }

            var data = new byte[entropy.NextBelow(40_000)];
            entropy.Fill(data);
            side.Connection.Write(data, side.Now);
            sent.AddRange(data);
        }
    }

    private static void RunInPieces(TlsPair pair, EntropyStream entropy)
    {
        for (var round = 0; round < 50; round++)
        {
            var toServer = pair.Wire(pair.Client.TakeOutput(), true);
            Deliver(pair.Server, toServer);
            var toClient = pair.Wire(pair.Server.TakeOutput(), false);
            Deliver(pair.Client, toClient);
            if (toServer.Length + toClient.Length == 0)
            {
                return;
            }
        }

        void Deliver(TlsSide side, ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                var piece = Math.Min(bytes.Length, 1 + entropy.NextBelow(entropy.NextBelow(2) == 0 ? 50 : 20_000));
                side.Take(bytes[..piece]);
                bytes = bytes[piece..];
            }
        }
    }
}
