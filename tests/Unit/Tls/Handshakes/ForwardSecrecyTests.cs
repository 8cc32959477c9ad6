using System.Buffers.Binary;
using Kadath.Crypto;
using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

/// <summary>
/// A session is recorded; then everything that outlives it falls into the wrong hands: the server's private key, the ticket store, the session
/// behind a ticket, the traffic secrets in use. None of it opens what was recorded.
/// </summary>
public sealed class ForwardSecrecyTests
{
    private const CipherSuite Suite = CipherSuite.Aes128GcmSha256;

    private static readonly Instant Start = Instant.FromSeconds(1000);

    [Fact]
    public void What_outlives_a_session_opens_none_of_its_traffic()
    {
        byte[] certificateSeed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using var key = SigningKeys.Import(PublicKeyKind.Ed25519, certificateSeed, CryptoProvider.Default)!;
        using var store = new SealedTickets(CryptoProvider.Default, new SeededKeyEntropy(9));
        List<byte[]> stolen = [certificateSeed];

        using var first = Session(null, key);
        var recorded = Record(first);
        Update(first, stolen);
        var server = first.Server.Connection.Server!;
        var session = server.CreateSession(TimeSpan.FromHours(1), out var nonce);
        stolen.Add(session.Psk.Span.ToArray());
        server.SendTicket(session, nonce, store.Issue(session, Start)!);
        first.Run();
        using var ticket = first.Client.Event<TlsEvent.SessionReceived>().Session;
        AssertClosed(recorded, first, stolen);

        using var second = Session(ticket, key, needed => (store.Find(needed.Identities[0].Span, Start), 0));
        Assert.Equal(HandshakeKind.Resumed, second.Client.Event<TlsEvent.HandshakeCompleted>().Kind);
        recorded = Record(second);
        Update(second, stolen);
        AssertClosed(recorded, second, stolen);

        // Two periods later not even the ticket can be opened any more.
        store.Wake(Start + SealedTickets.KeyPeriod);
        store.Wake(Start + SealedTickets.KeyPeriod + SealedTickets.KeyPeriod);
        Assert.Null(store.Find(ticket.Ticket.Span, Start));
    }

    private static TlsPair Session(ClientSession? session, SigningKey key, Func<SessionNeeded, (ServerSession?, int)>? find = null)
    {
        var policy = Setup.Policy(NamedGroup.X25519MLKEM768) with { Suites = [Suite] };
        TlsPair pair = new(
            Setup.Client() with { Policy = policy, Session = session, Transport = new() { LogSecrets = true } },
            Setup.Server() with { Policy = policy, TakeSessions = true }, Credential.RawPublicKey(key), now: Start);
        pair.Server.FindSession = needed => find?.Invoke(needed) ?? (null, 0);
        pair.Records = [];
        pair.Run();
        return pair;
    }

    /// <summary>Sends data both ways and returns all protected records of the session so far.</summary>
    private static List<byte[]> Record(TlsPair pair)
    {
        pair.Exchange("a secret of the client"u8, "a secret of the server"u8);
        List<byte[]> records = [];
        foreach (var stream in pair.Records!)
        {
            for (var at = 0; at < stream.Length; at += 5 + BinaryPrimitives.ReadUInt16BigEndian(stream.AsSpan(at + 3)))
            {
                if (stream[at] == 23)
                {
                    records.Add(stream[at..(at + 5 + BinaryPrimitives.ReadUInt16BigEndian(stream.AsSpan(at + 3)))]);
                }
            }
        }

        Assert.True(records.Count >= 4);
        return records;
    }

    /// <summary>Both sides move to their next keys, and those are stolen.</summary>
    private static void Update(TlsPair pair, List<byte[]> stolen)
    {
        pair.Client.Connection.UpdateKeys(askPeer: true);
        pair.Run();
        var suite = SuiteParameters.Of(Suite, CryptoProvider.Default)!;
        foreach (var fact in pair.Client.Events.OfType<TlsEvent.SecretLogged>().Where(fact => fact.Label.EndsWith("TRAFFIC_SECRET_0", StringComparison.Ordinal)))
        {
            var secret = fact.Secret.ToArray();
            TrafficSecrets.Update(suite, secret);
            stolen.Add(secret);
        }
    }

    private static void AssertClosed(List<byte[]> recorded, TlsPair pair, List<byte[]> stolen)
    {
        // The control: with the secrets of that time every record opens, each under exactly one of them.
        var real = pair.Client.Events.OfType<TlsEvent.SecretLogged>().Where(fact => fact.Label.Contains("TRAFFIC", StringComparison.Ordinal)).Select(fact => fact.Secret.ToArray()).ToList();
        Assert.All(recorded, record => Assert.Equal(1, real.Count(secret => Opens(secret, record, recorded.Count))));
        var hellos = new byte[32];
        CryptoProvider.Default.Sha256.Hash([.. Hello(pair.Records![0]), .. Hello(pair.Records[1])], hellos);
        var derived = stolen.SelectMany(secret => Derived(secret, hellos)).ToList();
        Assert.All(recorded, record => Assert.DoesNotContain(derived, secret => Opens(secret, record, recorded.Count)));
    }

    /// <summary>The message of an unprotected record.</summary>
    private static byte[] Hello(byte[] stream) => stream[5..(5 + BinaryPrimitives.ReadUInt16BigEndian(stream.AsSpan(3)))];

    /// <summary>A stolen secret as it is, as a pre-shared key without the key exchange, and what follows from either.</summary>
    private static IEnumerable<byte[]> Derived(byte[] secret, byte[] hellos)
    {
        var suite = SuiteParameters.Of(Suite, CryptoProvider.Default)!;
        yield return secret;
        var next = secret.ToArray();
        TrafficSecrets.Update(suite, next);
        yield return next;
        EarlyStage early = new(suite, secret);
        foreach (var shared in new byte[][] { [], new byte[64] })
        {
            using var handshake = new EarlyStage(suite, secret).Enter(shared);
            yield return Label(handshake, "c hs traffic", hellos);
            yield return Label(handshake, "s hs traffic", hellos);
        }

        yield return Label(early, "c e traffic", hellos);
        early.Dispose();

        static byte[] Label(KeyStage stage, string label, byte[] hash)
        {
            var output = new byte[32];
            stage.Derive(System.Text.Encoding.ASCII.GetBytes(label), hash, output);
            return output;
        }
    }

    private static bool Opens(byte[] trafficSecret, byte[] record, int sequences)
    {
        var hmac = CryptoProvider.Default.HmacSha256;
        Span<byte> key = stackalloc byte[16];
        Span<byte> iv = stackalloc byte[12];
        Span<byte> nonce = stackalloc byte[12];
        HkdfLabel.Expand(hmac, trafficSecret, "key"u8, [], key);
        HkdfLabel.Expand(hmac, trafficSecret, "iv"u8, [], iv);
        using var aead = CryptoProvider.Default.Aes128Gcm.CreateKey(key);
        var plaintext = new byte[record.Length];
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            iv.CopyTo(nonce);
            nonce[11] ^= (byte)sequence;
            if (aead.TryOpen(nonce, record.AsSpan(0, 5), record.AsSpan(5), plaintext))
            {
                return true;
            }
        }

        return false;
    }
}
