namespace Kadath.Tls;

/// <summary>
/// A decision that may take time and is the caller's. While one is open the machine neither reads nor writes; the caller finds it in the
/// machine's <c>Pause</c>, answers it once, at any time and in any way, and the machine goes on inside that call.
/// </summary>
public abstract class TlsPause
{
    private bool _answered;

    private protected TlsPause()
    {
    }

    /// <summary>Sees to it that nobody answers twice.</summary>
    /// <exception cref="InvalidOperationException">The pause was answered.</exception>
    private protected void Close()
    {
        if (_answered)
        {
            throw new InvalidOperationException("This pause was answered already.");
        }

        _answered = true;
    }
}

/// <summary>Which credential shall we show? A server is asked in every full handshake, a client when the server wants to know who it is.</summary>
public sealed class CredentialNeeded : TlsPause
{
    private readonly Action<Credential?> _answer;

    internal CredentialNeeded(Action<Credential?> answer) => _answer = answer;

    /// <summary>The name that the client asked for (SNI), in lower case; null on the client's side and where it named none.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>The types that the peer takes, the most preferred first. At least one.</summary>
    public required IReadOnlyList<CertificateType> Types { get; init; }

    /// <summary>The schemes that the peer can verify and our policy allows, in the peer's order.</summary>
    public required IReadOnlyList<SignatureScheme> Schemes { get; init; }

    /// <summary>The application protocols that the client offered; empty on the client's side.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; internal init; } = [];

    /// <summary>Whether a credential is of use here: its type is taken, and it has a scheme in common.</summary>
    public bool Suits(Credential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return Types.Contains(TypeOf(credential)) && credential.Key.Schemes.Any(Schemes.Contains);
    }

    internal static CertificateType TypeOf(Credential credential) => credential.IsRawPublicKey ? CertificateType.RawPublicKey : CertificateType.X509;

    /// <summary>Goes on with a credential. Null: a client shows none, a server ends the handshake (handshake_failure; unrecognized_name if it was asked for a name).</summary>
    /// <exception cref="ArgumentException">The credential is of no use here, see <see cref="Suits"/>.</exception>
    /// <exception cref="InvalidOperationException">The pause was answered.</exception>
    public void Answer(Credential? credential)
    {
        if (credential is not null && !Suits(credential))
        {
            throw new ArgumentException("The peer takes no such credential.", nameof(credential));
        }

        Close();
        _answer(credential);
    }
}

/// <summary>A message is to be signed with the private key of a credential.</summary>
public sealed class SignatureNeeded : TlsPause
{
    private readonly Action<ReadOnlyMemory<byte>> _answer;

    internal SignatureNeeded(Action<ReadOnlyMemory<byte>> answer) => _answer = answer;

    /// <summary>The credential whose key signs.</summary>
    public required Credential Credential { get; init; }

    /// <summary>The scheme.</summary>
    public required SignatureScheme Scheme { get; init; }

    /// <summary>What to sign, whole (RFC 9846 section 4.4.3).</summary>
    public required ReadOnlyMemory<byte> Message { get; init; }

    /// <summary>Goes on with the signature; an empty one means that the key failed, and ends the handshake (internal_error).</summary>
    /// <exception cref="InvalidOperationException">The pause was answered.</exception>
    public void Answer(ReadOnlyMemory<byte> signature)
    {
        Close();
        _answer(signature);
    }
}

/// <summary>
/// May this peer be trusted? Raised in every handshake in which the peer shows who it is, resumed ones included, and never skipped. The signature
/// of the peer's key over this handshake has verified already (in a resumed session: over the first one). Nothing of the application was sent yet.
/// </summary>
public sealed class VerificationNeeded : TlsPause
{
    private readonly Action<AlertDescription?> _answer;

    internal VerificationNeeded(Action<AlertDescription?> answer) => _answer = answer;

    /// <summary>Who the peer says it is.</summary>
    public required PeerIdentity Peer { get; init; }

    /// <summary>The name that we wanted to reach; null on the server's side.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>Whether the session is resumed, so that the identity is the one of the session's first handshake.</summary>
    public bool IsResumed { get; internal init; }

    /// <summary>Goes on: the caller trusts the peer, or knowingly goes on with one that it cannot trust.</summary>
    /// <exception cref="InvalidOperationException">The pause was answered.</exception>
    public void Accept()
    {
        Close();
        _answer(null);
    }

    /// <summary>Ends the handshake.</summary>
    /// <param name="alert">What the peer is told.</param>
    /// <exception cref="InvalidOperationException">The pause was answered.</exception>
    public void Refuse(AlertDescription alert = AlertDescription.BadCertificate)
    {
        Close();
        _answer(alert);
    }
}

/// <summary>A client offers to resume a session: is it known? Only on the server's side, at most once a handshake, and only where its options take sessions.</summary>
public sealed class SessionNeeded : TlsPause
{
    private readonly Action<ServerSession?, int> _answer;

    internal SessionNeeded(Action<ServerSession?, int> answer) => _answer = answer;

    /// <summary>The identities that the client offers, in its order; at most <see cref="MaxIdentities"/>, whoever offers more is not heard about the rest.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Identities { get; init; }

    /// <summary>Identities that are looked at: real clients offer one or two.</summary>
    public const int MaxIdentities = 4;

    /// <summary>Goes on with the session of an identity, or with a full handshake if none is known. The handshake owns the session and erases it.</summary>
    /// <param name="session">The session, or null.</param>
    /// <param name="identity">Its index in <see cref="Identities"/>.</param>
    /// <exception cref="InvalidOperationException">The pause was answered.</exception>
    public void Answer(ServerSession? session, int identity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)identity, (uint)Identities.Count);
        Close();
        _answer(session, identity);
    }
}
