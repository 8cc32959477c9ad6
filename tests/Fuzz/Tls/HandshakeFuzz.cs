using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Fuzz.Tls;

/// <summary>
/// Mutated flights of real handshakes, message by message and before protection, so that every state is reached. Whoever takes a message that
/// was changed never completes: the transcript covers them all.
/// </summary>
public sealed class HandshakeFuzz
{
    private const int Rounds = 600;

    private static readonly ExternalPsk Psk = new("a client"u8, new byte[32]);

    [Fact]
    public void No_changed_message_is_survived_and_none_throws()
    {
        var entropy = FuzzRun.Stream(100);
        HashSet<(bool, HandshakeType)> reached = [];
        for (var round = 0; round < Rounds * FuzzRun.Factor; round++)
        {
            var shape = entropy.NextBelow(5);
            var victim = entropy.NextBelow(shape == 1 ? 9 : 7);
            using var pair = Pair(shape);
            Mutator mutator = new(entropy, [[1, 2, 3, 4], new byte[40]]);
            var number = 0;
            var changedForServer = false;
            var changedForClient = false;
            pair.ToServer = message => Change(message, ref changedForServer, toServer: true);
            pair.ToClient = message => Change(message, ref changedForClient, toServer: false);
            pair.Run();
            var seed = $"round {round} of seed {FuzzRun.Seed}";
            Assert.False(changedForServer && pair.ServerHandshake.IsComplete, seed);
            Assert.False(changedForClient && pair.ClientHandshake.IsComplete, seed);
            Assert.True(pair.Client.Alerts.Count <= 1 && pair.Server.Alerts.Count <= 1, seed);

            byte[] Change(byte[] message, ref bool changed, bool toServer)
            {
                if (number++ != victim)
                {
                    return message;
                }

                var mutated = entropy.NextBelow(3) == 0 ? mutator.Mutate(message) : MutateBody(message, mutator);
                if (!mutated.AsSpan().SequenceEqual(message))
                {
                    changed = true;
                    reached.Add((toServer, (HandshakeType)message[0]));
                }

                return mutated;
            }
        }

        Assert.Contains((true, HandshakeType.ClientHello), reached);
        Assert.Contains((true, HandshakeType.CertificateVerify), reached);
        Assert.Contains((false, HandshakeType.ServerHello), reached);
        Assert.Contains((false, HandshakeType.EncryptedExtensions), reached);
        Assert.Contains((false, HandshakeType.CertificateRequest), reached);
        Assert.Contains((false, HandshakeType.Certificate), reached);
        Assert.Contains((false, HandshakeType.Finished), reached);
    }

    [Fact]
    public void No_ticket_and_no_key_update_of_whatever_shape_throws()
    {
        var entropy = FuzzRun.Stream(104);
        Mutator mutator = new(entropy, [[0, 42, 0, 4, 0, 0, 0, 1], new byte[40]]);
        byte[] ticket = [4, 0, 0, 25, 0, 0, 1, 0, 0, 0, 0, 7, 1, 9, 0, 4, 1, 2, 3, 4, 0, 8, 0, 42, 0, 4, 0, 0, 0, 9];
        var (kept, refused) = (0, 0);
        for (var round = 0; round < Rounds * FuzzRun.Factor; round++)
        {
            using var pair = Pair(0);
            pair.Run();
            pair.Client.Take(EncryptionLevel.Application, entropy.NextBelow(20) == 0 ? ticket : MutateBody(ticket, mutator));
            pair.Client.Take(EncryptionLevel.Application, MutateBody([24, 0, 0, 1, 0], mutator));
            kept += pair.Client.Events.OfType<TlsEvent.SessionReceived>().Count();
            refused += pair.Client.Alerts.Count;
        }

        Assert.True(kept > 0 && refused > Rounds / 4, $"{kept} tickets kept, {refused} connections refused");
    }

    /// <summary>Changes what is inside a message and keeps its frame right, so that the mutation reaches the parser of the body.</summary>
    private static byte[] MutateBody(byte[] message, Mutator mutator)
    {
        var body = mutator.Mutate(message[4..]);
        return [message[0], (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    private static HandshakePair Pair(int shape)
    {
        var client = Setup.Client(NamedGroup.X25519, NamedGroup.Secp256r1) with { ApplicationProtocols = ["a", "b"], Transport = new() { RecordSizeLimit = 4000 } };
        var server = Setup.Server() with { ApplicationProtocols = ["b"], Transport = new() { RecordSizeLimit = 4000 } };
        return shape switch
        {
            0 => new(client, server, Setup.Raw()),
            1 => new(client, server with { ClientAuthentication = ClientAuthentication.Request }, Setup.Raw(), Setup.Raw(seed: 8)),
            2 => new(client, server with { Policy = Setup.Policy(NamedGroup.Secp256r1) }, Setup.Raw()),
            3 => new(client with { Policy = Setup.Policy(NamedGroup.X25519MLKEM768) }, server, Setup.Raw()),
            _ => new(client with { Psk = Psk }, server with { Psks = [Psk] }, Setup.Raw()),
        };
    }
}
