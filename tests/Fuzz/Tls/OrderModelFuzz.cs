using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Fuzz.Tls;

/// <summary>
/// A model of the orders in which messages may come, against random walks through legal and illegal ones. All messages are real: with the same
/// seeds a handshake repeats itself byte for byte, so a machine takes the very messages of an earlier run.
/// </summary>
public sealed class OrderModelFuzz
{
    private const int Walks = 400;

    private static readonly HandshakeType[] ToClient =
    [
        HandshakeType.ServerHello, HandshakeType.EncryptedExtensions, HandshakeType.CertificateRequest, HandshakeType.Certificate,
        HandshakeType.CertificateVerify, HandshakeType.Finished,
    ];

    private static readonly HandshakeType[] ToServer = [HandshakeType.ClientHello, HandshakeType.Certificate, HandshakeType.CertificateVerify, HandshakeType.Finished];

    [Theory, InlineData(true), InlineData(false)]
    public void Only_the_order_of_the_standard_completes_a_handshake(bool victimIsServer)
    {
        var entropy = FuzzRun.Stream(victimIsServer ? 102u : 103u);
        var messages = Capture(victimIsServer);
        var order = victimIsServer ? ToServer : ToClient;
        Assert.Equal(order, messages.Select(message => (HandshakeType)message[0]));
        var (completed, refused) = (0, 0);
        for (var walk = 0; walk < Walks * FuzzRun.Factor; walk++)
        {
            using var pair = Pair();
            var victim = victimIsServer ? pair.Server : pair.Client;
            if (!victimIsServer)
            {
                pair.ClientHandshake.Start(victim.Now);
            }

            var seed = $"walk {walk} of seed {FuzzRun.Seed}";
            if (Walk(victim, messages, order, entropy, seed))
            {
                completed++;
            }
            else
            {
                refused++;
            }
        }

        Assert.True(completed > Walks / 20 && refused > Walks / 4, $"{completed} completed, {refused} were refused");
    }

    /// <summary>One walk; true if it was the standard's order to the end.</summary>
    private static bool Walk(HandshakeSide victim, List<byte[]> messages, HandshakeType[] order, EntropyStream entropy, string seed)
    {
        var strictness = 2 + entropy.NextBelow(20);
        for (var expected = 0; expected < messages.Count; expected++)
        {
            var chosen = entropy.NextBelow(strictness) == 0 ? entropy.NextBelow(messages.Count) : expected;
            var level = entropy.NextBelow(60) == 0 ? (EncryptionLevel)entropy.NextBelow(4) : victim.Handshake.ReceiveLevel;
            var type = order[chosen];
            var isRightLevel = level == victim.Handshake.ReceiveLevel;
            victim.Take(level, messages[chosen]);
            if (chosen == expected && isRightLevel)
            {
                Assert.True(victim.Alerts.Count == 0, seed);
                continue;
            }

            // After the extensions a certificate may come without a request, which only the signature after it shows to be wrong.
            var isAwaited = type == order[expected] || (order[expected] == HandshakeType.CertificateRequest && type == HandshakeType.Certificate);
            if (!isAwaited || !isRightLevel)
            {
                Assert.Equal(AlertDescription.UnexpectedMessage, Assert.Single(victim.Alerts));
            }

            Assert.False(victim.Handshake.IsComplete, seed);
            foreach (var bytes in messages)
            {
                victim.Take(victim.Handshake.ReceiveLevel, bytes);
            }

            Assert.False(victim.Handshake.IsComplete, seed);
            return false;
        }

        Assert.True(victim.Handshake.IsComplete, seed);
        return true;
    }

    private static List<byte[]> Capture(bool toServer)
    {
        List<byte[]> captured = [];
        using var pair = Pair();
        pair.ToServer = message => Keep(message, toServer);
        pair.ToClient = message => Keep(message, !toServer);
        pair.Run();
        Assert.True(pair.ClientHandshake.IsComplete && pair.ServerHandshake.IsComplete);
        return captured;

        byte[] Keep(byte[] message, bool keep)
        {
            if (keep)
            {
                captured.Add(message);
            }

            return message;
        }
    }

    private static HandshakePair Pair() => new(
        Setup.Client(NamedGroup.X25519), Setup.Server() with { ClientAuthentication = ClientAuthentication.Require }, Setup.Raw(), Setup.Raw(seed: 8));
}
