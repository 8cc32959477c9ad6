using System.Diagnostics;
using Kadath.Crypto;
using Kadath.Primitives;
using Kadath.Tls;

namespace Kadath.Bench.Tls;

/// <summary>Both sides of a handshake on one thread: the machines alone, answered with pins.</summary>
internal sealed class MemoryHandshake(NamedGroup group, Credential credential, bool resume)
{
    private readonly byte[] _wire = new byte[64 * 1024];
    private readonly StatefulTickets _tickets = new(KeyEntropy.OperatingSystem);
    private readonly SpkiPin _pin = SpkiPin.Of(credential.Key.PublicKeyInfo.Span, CryptoProvider.Default.Sha256);
    private ClientSession? _session;

    private static Instant Now => new(Stopwatch.GetElapsedTime(0).Ticks);

    public void Run()
    {
        TlsPolicy policy = TlsPolicy.Default with { Groups = [group], Shares = [group] };
        CertificateType[] types = [credential.IsRawPublicKey ? CertificateType.RawPublicKey : CertificateType.X509];
        using ClientSession? session = _session;
        _session = null;
        using TlsConnection client = TlsConnection.CreateClient(new TlsClientOptions { Policy = policy, ServerCertificateTypes = types, ServerName = "localhost", Session = session }, Now);
        using TlsConnection server = TlsConnection.CreateServer(new TlsServerOptions { Policy = policy, ServerCertificateTypes = types, TakeSessions = resume });
        bool ticketSent = !resume;
        while (!client.IsEstablished || !server.IsEstablished || !ticketSent)
        {
            Move(client, server);
            if (server.IsEstablished && !ticketSent)
            {
                ServerSession kept = server.Server!.CreateSession(TimeSpan.FromHours(1), out byte nonce);
                server.Server.SendTicket(kept, nonce, _tickets.Issue(kept, Now));
                ticketSent = true;
            }

            Move(server, client);
            if ((client.Fault ?? server.Fault) is { } fault)
            {
                throw new InvalidOperationException(fault.Reason);
            }
        }

        while (client.TakeEvent() is { } fact)
        {
            _session = fact is TlsEvent.SessionReceived received ? received.Session : _session;
            if (resume && session is not null && fact is TlsEvent.HandshakeCompleted { Kind: not HandshakeKind.Resumed })
            {
                throw new InvalidOperationException("not resumed");
            }
        }
    }

    private void Move(TlsConnection from, TlsConnection to)
    {
        int length = from.Output.Length;
        from.Output.Span.CopyTo(_wire);
        from.Sent(length);
        int taken = 0;
        while (true)
        {
            if (to.Pause is { } pause)
            {
                Answer(pause);
                continue;
            }

            TlsRead read = taken < length ? to.Receive(_wire.AsSpan(taken, length - taken), Now) : default;
            if (read.Consumed == 0)
            {
                return;
            }

            taken += read.Consumed;
        }
    }

    private void Answer(TlsPause pause)
    {
        switch (pause)
        {
            case CredentialNeeded needed: needed.Answer(credential); break;
            case SessionNeeded needed: needed.Answer(_tickets.Find(needed.Identities[0].Span, Now)); break;
            case SignatureNeeded needed:
                byte[] signature = new byte[SigningKey.MaxSignatureLength];
                int length = needed.Credential.Key.Sign(needed.Scheme, needed.Message.Span, KeyEntropy.OperatingSystem, signature);
                needed.Answer(signature.AsMemory(0, length));
                break;
            case VerificationNeeded needed when needed.Peer.Pin == _pin: needed.Accept(); break;
            case VerificationNeeded needed: needed.Refuse(); break;
        }
    }
}
