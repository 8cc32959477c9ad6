namespace Kadath.Tls;

/// <summary>Nothing is awaited any more; tickets and key updates may come.</summary>
internal sealed class ClientConnected(ClientHandshake handshake) : HandshakeState
{
    // Servers send one to four; more would only be kept to be forgotten.
    private const int MaxTickets = 16;

    private int _tickets;

    public override HandshakeState? Handle(in HandshakeMessage message) => message.Type switch
    {
        HandshakeType.KeyUpdate => handshake.HandleKeyUpdate(message.Body) ? this : null,
        HandshakeType.NewSessionTicket => TakeTicket(message.Body) ? this : null,

        // Authentication after the handshake was not offered, and there is no renegotiation.
        _ => handshake.Unexpected(),
    };

    private bool TakeTicket(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        if (!reader.TryReadUInt32(out var lifetime) || !reader.TryReadUInt32(out var ageAdd) || !reader.TryReadVector8(out var nonce)
            || !reader.TryReadVector16(out var ticket) || ticket.IsEmpty || !reader.TryReadVector16(out var bytes) || !reader.AtEnd)
        {
            handshake.Fail(AlertDescription.DecodeError, "a malformed NewSessionTicket");
            return false;
        }

        if (!Extensions.TryParse(bytes, out var extensions, out var alert))
        {
            handshake.Fail(alert, "a malformed NewSessionTicket");
            return false;
        }

        var maxEarlyData = 0u;
        if (extensions.TryGet(ExtensionType.EarlyData, out var data))
        {
            WireReader value = new(data);
            if (!value.TryReadUInt32(out maxEarlyData) || !value.AtEnd)
            {
                handshake.Fail(AlertDescription.DecodeError, "a malformed early_data");
                return false;
            }

            if (handshake.Transport.IsQuic && maxEarlyData != uint.MaxValue)
            {
                handshake.Fail(AlertDescription.IllegalParameter, "a limit on early data, which QUIC has elsewhere");
                return false;
            }
        }

        if (lifetime > 0 && ticket.Length <= HandshakeLimits.Ticket && ++_tickets <= MaxTickets)
        {
            Tell(lifetime, ageAdd, nonce, ticket, maxEarlyData);
        }

        return true;
    }

    private void Tell(uint lifetime, uint ageAdd, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ticket, uint maxEarlyData)
    {
        Span<byte> psk = stackalloc byte[SuiteParameters.MaxHashBytes];
        psk = psk[..handshake.Secrets.Suite.HashBytes];
        handshake.Secrets.ComputeResumptionPsk(nonce, psk);
        ClientSession session = new(psk, ticket.ToArray())
        {
            Suite = handshake.Secrets.Suite.Suite,
            ServerName = ClientHandshake.SniOf(handshake.Options.ServerName),
            ApplicationProtocol = handshake.ApplicationProtocol,
            Peer = handshake.Peer,
            PeerScheme = handshake.PeerScheme,
            IssuedAt = handshake.Now,
            Lifetime = TimeSpan.FromSeconds(Math.Min(lifetime, TlsSession.MaxLifetime.TotalSeconds)),
            AgeAdd = ageAdd,
            MaxEarlyData = maxEarlyData,
            TrustTag = handshake.Options.TrustTag,
        };
        SecretBytes.Erase(psk);
        handshake.Sink.Event(new TlsEvent.SessionReceived(session));
    }
}
