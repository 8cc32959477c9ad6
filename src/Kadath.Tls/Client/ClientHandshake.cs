using System.Net;
using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>A client's handshake. See <see cref="TlsHandshake"/>; <see cref="Start"/> begins it.</summary>
public sealed class ClientHandshake : TlsHandshake
{
    private bool _started;

    /// <summary>Makes a handshake that has not begun.</summary>
    /// <param name="options">What to offer.</param>
    /// <param name="sink">Where messages, secrets and facts go.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public ClientHandshake(TlsClientOptions options, ITlsSink sink)
        : base(sink, Check(options).Crypto, options.Entropy, options.Policy, options.Transport)
    {
        Options = options;
        Offer = new(this);
        IsMiddleboxCompatible = !Transport.IsQuic;
    }

    internal override bool IsServer => false;

    internal TlsClientOptions Options { get; }

    /// <summary>What the ClientHello says.</summary>
    internal ClientOffer Offer { get; }

    /// <summary>Who the server says it is, once its key has signed, or from the session that is resumed.</summary>
    internal PeerIdentity? Peer { get; set; }

    internal SignatureScheme PeerScheme { get; set; }

    internal string? ApplicationProtocol { get; set; }

    internal CertificateType ServerCertificateType { get; set; }

    internal CertificateType ClientCertificateType { get; set; }

    internal bool HelloRetried { get; set; }

    /// <summary>Whether early data was offered and is not yet refused or ended.</summary>
    internal bool IsEarlyDataOpen { get; set; }

    internal bool EarlyDataAccepted { get; set; }

    /// <summary>How many bytes of early data the session allows; 0 if none was offered.</summary>
    public uint EarlyDataAllowed => IsEarlyDataOpen ? Options.Session!.MaxEarlyData : 0;

    /// <summary>Sends the ClientHello.</summary>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">It was sent already.</exception>
    public void Start(Instant now)
    {
        if (_started)
        {
            throw new InvalidOperationException("The handshake has begun already.");
        }

        _started = true;
        Now = now;
        Offer.Send();
        Begin(new AwaitServerHello(this), hasBegun: true);
    }

    /// <summary>The server does not take the early data that was offered: what was sent of it is lost.</summary>
    internal void RefuseEarlyData()
    {
        if (IsEarlyDataOpen)
        {
            IsEarlyDataOpen = false;
            Sink.Event(new TlsEvent.EarlyDataDecided(false));
        }
    }

    internal void Finish(HandshakeKind kind) => Complete(kind);

    private protected override void Forget() => Offer.Dispose();

    private static TlsClientOptions Check(TlsClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }

    /// <summary>The name that is sent as SNI: an IP address is none (RFC 6066 section 3).</summary>
    internal static string? SniOf(string? serverName) =>
        serverName is null || IPAddress.TryParse(serverName.Trim('[', ']'), out _) ? null : serverName.TrimEnd('.').ToLowerInvariant();
}
