using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>A server's handshake. See <see cref="TlsHandshake"/>; it begins with the client's first bytes.</summary>
public sealed class ServerHandshake : TlsHandshake
{
    // One ticket is enough for one resumption; a caller that issues more than this by one connection has a fault.
    private const byte MaxTickets = 16;

    private byte _tickets;

    /// <summary>Makes a handshake that awaits a ClientHello.</summary>
    /// <param name="options">What to accept.</param>
    /// <param name="sink">Where messages, secrets and facts go.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public ServerHandshake(TlsServerOptions options, ITlsSink sink)
        : base(sink, Check(options).Crypto, options.Entropy, options.Policy, options.Transport)
    {
        Options = options;
        Begin(new AwaitClientHello(this), hasBegun: false);
    }

    internal override bool IsServer => true;

    internal TlsServerOptions Options { get; }

    internal PeerIdentity? Peer { get; set; }

    internal SignatureScheme PeerScheme { get; set; }

    internal string? ServerName { get; set; }

    internal string? ApplicationProtocol { get; set; }

    /// <summary>Whether the client offered early data that was refused, so that the record layer has to skip it.</summary>
    internal bool SkipsEarlyData { get; set; }

    /// <summary>Whether tickets are of use to the client: it offered psk_dhe_ke.</summary>
    public bool ClientTakesTickets { get; internal set; }

    /// <summary>
    /// Makes a session that a ticket can stand for. The caller keeps or seals it, and hands what names it to <see cref="SendTicket"/>.
    /// </summary>
    /// <param name="lifetime">At most <see cref="TlsSession.MaxLifetime"/>.</param>
    /// <param name="nonce">Tells the tickets of one connection apart; to be handed to <see cref="SendTicket"/>.</param>
    /// <param name="allowEarlyData">Whether the client may send early data with it: only for a session that is removed at its first use.</param>
    /// <exception cref="InvalidOperationException">The handshake is not complete, or too many tickets were issued.</exception>
    public ServerSession CreateSession(TimeSpan lifetime, out byte nonce, bool allowEarlyData = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TlsSession.MaxLifetime);
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        if (!IsComplete || _tickets == MaxTickets)
        {
            throw new InvalidOperationException($"Tickets are issued after the handshake, at most {MaxTickets}.");
        }

        nonce = _tickets++;
        Span<byte> psk = stackalloc byte[SuiteParameters.MaxHashBytes];
        psk = psk[..Secrets.Suite.HashBytes];
        Secrets.ComputeResumptionPsk([nonce], psk);
        Span<byte> ageAdd = stackalloc byte[4];
        Entropy.Fill(ageAdd);
        ServerSession session = new(psk)
        {
            Suite = Secrets.Suite.Suite,
            ServerName = ServerName,
            ApplicationProtocol = ApplicationProtocol,
            Peer = Peer,
            PeerScheme = PeerScheme,
            IssuedAt = Now,
            Lifetime = lifetime,
            AgeAdd = BitConverter.ToUInt32(ageAdd),
            MaxEarlyData = allowEarlyData ? (Transport.IsQuic && Options.MaxEarlyData > 0 ? uint.MaxValue : Options.MaxEarlyData) : 0,
            TrustTag = Options.TrustTag,
            ClientAuthentication = Options.ClientAuthentication,
        };
        SecretBytes.Erase(psk);
        return session;
    }

    /// <summary>Sends a ticket for a session.</summary>
    /// <param name="session">The session, see <see cref="CreateSession"/>.</param>
    /// <param name="nonce">What <see cref="CreateSession"/> gave.</param>
    /// <param name="ticket">What the client is to show; 1 to 65535 bytes, and so that the message stays below 20 kB.</param>
    public void SendTicket(ServerSession session, byte nonce, ReadOnlySpan<byte> ticket)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (ticket.Length is 0 or > HandshakeLimits.Other - 64)
        {
            throw new ArgumentException("A ticket has at least one byte, and fits a message.", nameof(ticket));
        }

        if (Fault is not null)
        {
            return;
        }

        var message = Outgoing.BeginMessage(HandshakeType.NewSessionTicket);
        Outgoing.UInt32((uint)session.Lifetime.TotalSeconds);
        Outgoing.UInt32(session.AgeAdd);
        Outgoing.Vector8([nonce]);
        Outgoing.Vector16(ticket);
        var extensions = Outgoing.Begin(2);
        if (session.MaxEarlyData > 0)
        {
            var extension = Outgoing.BeginExtension(ExtensionType.EarlyData);
            Outgoing.UInt32(session.MaxEarlyData);
            Outgoing.End(extension, 2);
        }

        Outgoing.End(extensions, 2);
        Outgoing.End(message, 3);
        EmitPostHandshake();
    }

    internal void SetTime(Instant now) => Now = now;

    internal void Finish(HandshakeKind kind) => Complete(kind);

    private protected override void Forget()
    {
    }

    private static TlsServerOptions Check(TlsServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }
}
