using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>
/// The handshake of TLS 1.3 (RFC 9846) without records and without I/O: it takes bytes with their level and the time, and writes messages,
/// secrets, alerts and facts to a sink. Decisions that may take time are pauses (<see cref="Pause"/>). <see cref="TlsConnection"/> puts the
/// record layer around it; QUIC uses it as it is.
/// </summary>
public abstract class TlsHandshake : IDisposable
{
    private readonly WireWriter _input = new();
    private HandshakeState? _state;
    private bool _pumping;

    private protected TlsHandshake(ITlsSink sink, CryptoProvider crypto, KeyEntropy entropy, TlsPolicy policy, TlsTransportOptions transport)
    {
        ArgumentNullException.ThrowIfNull(sink);
        (Sink, Crypto, Entropy, Policy, Transport) = (sink, crypto, entropy, policy, transport);
        Secrets = new(this);
    }

    /// <summary>The decision that is awaited from the caller; null if none is.</summary>
    public TlsPause? Pause { get; private set; }

    /// <summary>Why the handshake or the connection failed; null while it has not.</summary>
    public TlsFault? Fault { get; private set; }

    /// <summary>Whether both Finished messages have verified and the peer was accepted.</summary>
    public bool IsComplete { get; private protected set; }

    /// <summary>The level at which the next message of the peer has to come.</summary>
    public EncryptionLevel ReceiveLevel { get; internal set; }

    internal abstract bool IsServer { get; }

    internal ITlsSink Sink { get; }

    internal CryptoProvider Crypto { get; }

    internal KeyEntropy Entropy { get; }

    internal TlsPolicy Policy { get; }

    internal TlsTransportOptions Transport { get; }

    internal Transcript Transcript { get; } = new();

    internal TrafficSecretSet Secrets { get; }

    /// <summary>Whether a ClientHello was sent or received.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>Whether the client's session id asks for the look of older versions; always so for our client over records.</summary>
    internal bool IsMiddleboxCompatible { get; set; }

    /// <summary>Scratch for messages of ours.</summary>
    internal WireWriter Outgoing { get; } = new();

    /// <summary>The time of the last call.</summary>
    internal Instant Now { get; private protected set; }

    /// <summary>The largest plaintext that the peer takes in a record, without the type (RFC 8449).</summary>
    internal int PeerRecordLimit { get; set; } = RecordProtector.MaxPlaintext;

    /// <summary>Whether our record size limit was accepted, so that the peer has to keep to it.</summary>
    internal bool IsRecordLimitAgreed { get; set; }

    /// <summary>An age of keys that the negotiation chose; null: as the policy says.</summary>
    internal TimeSpan? KeyUpdateAge { get; set; }

    /// <summary>Whether the peer asked us to update our keys and we have not yet.</summary>
    internal bool OwesKeyUpdate { get; private set; }

    /// <summary>Takes bytes of the peer's handshake messages, in order, cut anywhere.</summary>
    /// <param name="level">The level whose keys protected them.</param>
    /// <param name="bytes">The bytes; valid only during the call.</param>
    /// <param name="now">When they came.</param>
    public void Receive(EncryptionLevel level, ReadOnlySpan<byte> bytes, Instant now)
    {
        Now = now;
        if (Fault is not null || bytes.IsEmpty)
        {
            return;
        }

        if (level != ReceiveLevel)
        {
            Fail(AlertDescription.UnexpectedMessage, "a handshake message under the wrong keys");
            return;
        }

        if (_input.Length + bytes.Length > HandshakeLimits.Buffered)
        {
            Fail(AlertDescription.InternalError, "more handshake bytes than may wait", TlsBlame.Us);
            return;
        }

        _input.Bytes(bytes);
        Pump();
    }

    /// <summary>Exports keying material (RFC 9846 section 7.5), bound to this connection.</summary>
    /// <param name="label">A registered label, or one that begins with "EXPERIMENTAL"; at most 249 bytes.</param>
    /// <param name="context">Any context; an empty one and none are the same.</param>
    /// <param name="output">At most 255 times the hash's length.</param>
    /// <exception cref="InvalidOperationException">The handshake is not complete.</exception>
    public void Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException("Keying material can be exported once the handshake is complete.");
        }

        Secrets.Export(label, context, output);
    }

    /// <summary>Erases all secrets. The connection can no longer be used.</summary>
    public void Dispose()
    {
        Abandon();
        Secrets.Dispose();
        Fault ??= new(TlsBlame.Caller, AlertDescription.UserCanceled, "disposed of");
        GC.SuppressFinalize(this);
    }

    internal bool HasPartialMessage => _input.Length > 0;

    /// <summary>Ends the connection for an alert of the peer.</summary>
    internal void FailByPeer(AlertDescription alert)
    {
        if (Fault is null)
        {
            Fault = new(TlsBlame.RefusedByPeer, alert, "the peer ended the connection");
            Abandon();
        }
    }

    /// <summary>Ends the connection with an alert. Returns null, the state after it.</summary>
    internal HandshakeState? Fail(AlertDescription alert, string reason, TlsBlame blame = TlsBlame.Peer)
    {
        if (Fault is null)
        {
            Fault = new(blame, alert, reason);
            Sink.Alert(alert);
            Abandon();
        }

        return null;
    }

    internal HandshakeState? Unexpected() => Fail(AlertDescription.UnexpectedMessage, "a message that is not awaited");

    /// <summary>Opens a pause: the machine stands still until the caller answers.</summary>
    internal HandshakeState Ask(TlsPause pause)
    {
        Pause = pause;
        return new AwaitAnswer(this);
    }

    /// <summary>Goes on after a pause; <paramref name="next"/> is what the answer leads to.</summary>
    internal void Resume(Func<HandshakeState?> next)
    {
        Pause = null;
        if (Fault is not null)
        {
            return;
        }

        var level = ReceiveLevel;
        var state = next();
        if (Fault is null)
        {
            _state = state;
            RefuseBytesBeyondKeys(level);
            Pump();
        }
    }

    /// <summary>Adds a message of ours to the transcript and sends it.</summary>
    internal void Emit(EncryptionLevel level)
    {
        Transcript.Append(Outgoing.Written);
        Sink.Message(level, Outgoing.Written);
        Outgoing.Clear();
    }

    /// <summary>Sends a message that is no part of the transcript.</summary>
    internal void EmitPostHandshake()
    {
        Sink.Message(EncryptionLevel.Application, Outgoing.Written);
        Outgoing.Clear();
    }

    /// <summary>Whether a Finished of the peer is right; its transcript is the one up to, not with, it.</summary>
    internal bool VerifyFinished(ReadOnlySpan<byte> body, SecretBytes secret)
    {
        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        Span<byte> expected = stackalloc byte[SuiteParameters.MaxHashBytes];
        var length = Secrets.Suite.HashBytes;
        Transcript.CopyDigest(hash);
        TrafficSecrets.ComputeFinished(Secrets.Suite, secret.Span, hash[..length], expected);
        return ConstantTime.AreEqual(body, expected[..length]);
    }

    internal void EmitFinished(SecretBytes secret)
    {
        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        Transcript.CopyDigest(hash);
        var message = Outgoing.BeginMessage(HandshakeType.Finished);
        TrafficSecrets.ComputeFinished(Secrets.Suite, secret.Span, hash[..Secrets.Suite.HashBytes], Outgoing.Reserve(Secrets.Suite.HashBytes));
        Outgoing.End(message, 3);
        Emit(EncryptionLevel.Handshake);
    }

    /// <summary>Checks the peer's CertificateVerify over the transcript up to, not with, it. The scheme must be one that we offered.</summary>
    internal bool VerifySignature(PeerIdentity peer, ReadOnlySpan<byte> body, bool byServer, out SignatureScheme scheme)
    {
        if (!CertificateMessages.TryReadVerify(body, out scheme, out var signature))
        {
            Fail(AlertDescription.DecodeError, "a malformed CertificateVerify");
            return false;
        }

        if (!Policy.Allows(scheme) || !SubjectPublicKeyInfo.TryParse(peer.PublicKeyInfo.Span, out var key) || !SignatureSchemes.Fits(scheme, key.Kind))
        {
            Fail(AlertDescription.IllegalParameter, "a signature scheme that was not offered or does not fit the key");
            return false;
        }

        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        Transcript.CopyDigest(hash);
        var content = CertificateMessages.Content(byServer, hash[..Secrets.Suite.HashBytes]);
        if (!SignatureVerifier.Verify(scheme, key, content, signature, Crypto))
        {
            Fail(AlertDescription.DecryptError, "the signature of the handshake is wrong");
            return false;
        }

        return true;
    }

    /// <summary>Asks for a signature over the transcript so far, sends CertificateVerify with it, and goes on.</summary>
    internal HandshakeState AskSignature(Credential credential, SignatureScheme scheme, Func<HandshakeState?> next)
    {
        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        Transcript.CopyDigest(hash);
        return Ask(new SignatureNeeded(signature => Resume(() =>
        {
            if (signature.IsEmpty)
            {
                return Fail(AlertDescription.InternalError, "the key did not sign", TlsBlame.Caller);
            }

            CertificateMessages.WriteVerify(Outgoing, scheme, signature.Span);
            Emit(EncryptionLevel.Handshake);
            return next();
        }))
        {
            Credential = credential,
            Scheme = scheme,
            Message = CertificateMessages.Content(IsServer, hash[..Secrets.Suite.HashBytes]),
        });
    }

    /// <summary>Asks whether the peer may be trusted, and goes on if so.</summary>
    internal HandshakeState AskVerification(PeerIdentity peer, string? serverName, bool isResumed, Func<HandshakeState?> next) =>
        Ask(new VerificationNeeded(alert => Resume(() => alert is { } refusal ? Fail(refusal, "the caller does not trust the peer", TlsBlame.Caller) : next()))
        {
            Peer = peer,
            ServerName = serverName,
            IsResumed = isResumed,
        });

    /// <summary>Takes a KeyUpdate of the peer (RFC 9846 section 4.6.3); the record layer bounds how many may come.</summary>
    internal bool HandleKeyUpdate(ReadOnlySpan<byte> body)
    {
        if (Transport.IsQuic)
        {
            Fail(AlertDescription.UnexpectedMessage, "a KeyUpdate in QUIC");
            return false;
        }

        if (body.Length != 1)
        {
            Fail(AlertDescription.DecodeError, "a malformed KeyUpdate");
            return false;
        }

        if (body[0] > 1)
        {
            Fail(AlertDescription.IllegalParameter, "a KeyUpdate that asks for neither yes nor no");
            return false;
        }

        OwesKeyUpdate |= body[0] == 1;
        Secrets.Update(TrafficDirection.Receive);
        return true;
    }

    /// <summary>Sends a KeyUpdate and moves to the next sending key.</summary>
    internal void SendKeyUpdate(bool askPeer)
    {
        var message = Outgoing.BeginMessage(HandshakeType.KeyUpdate);
        Outgoing.UInt8(askPeer ? (byte)1 : (byte)0);
        Outgoing.End(message, 3);
        EmitPostHandshake();
        Secrets.Update(TrafficDirection.Send);
        OwesKeyUpdate = false;
    }

    private protected void Begin(HandshakeState state, bool hasBegun)
    {
        _state = state;
        HasBegun = hasBegun;
    }

    /// <summary>Erases what only the handshake needs.</summary>
    private protected abstract void Forget();

    private protected void Complete(HandshakeKind kind)
    {
        IsComplete = true;
        Transcript.Dispose();
        Outgoing.Dispose();
        Forget();
        Sink.Event(new TlsEvent.HandshakeCompleted(kind));
    }

    private void Abandon()
    {
        _state?.Abandon();
        _state = null;
        Pause = null;
        Forget();
        Transcript.Dispose();
        _input.Dispose();
        Outgoing.Dispose();
    }

    private void Pump()
    {
        if (_pumping)
        {
            return;
        }

        _pumping = true;
        while (Fault is null && Pause is null && TryTakeMessage(out var length))
        {
            var level = ReceiveLevel;
            HandshakeMessage message = new(_input.Written[..length]);
            if (message.Type is HandshakeType.Finished or HandshakeType.EndOfEarlyData or HandshakeType.KeyUpdate && _input.Length > length)
            {
                Fail(AlertDescription.UnexpectedMessage, "handshake bytes beyond a change of keys");
                break;
            }

            var next = _state?.Handle(message);
            if (Fault is not null)
            {
                break;
            }

            HasBegun = true;
            _state = next;
            _input.Consume(length);
            RefuseBytesBeyondKeys(level);
        }

        if (IsComplete && _input.Length == 0)
        {
            _input.Dispose(); // What may still come is short and rare.
        }

        _pumping = false;
    }

    /// <summary>Messages must not span a change of keys (RFC 9846 section 5.1). Those that end a flight are looked at before they are taken; this is for hellos.</summary>
    private void RefuseBytesBeyondKeys(EncryptionLevel before)
    {
        if (before != ReceiveLevel && _input.Length > 0)
        {
            Fail(AlertDescription.UnexpectedMessage, "handshake bytes beyond a change of keys");
        }
    }

    private bool TryTakeMessage(out int length)
    {
        length = 0;
        var waiting = _input.Written;
        if (waiting.Length < HandshakeMessage.HeaderBytes)
        {
            return false;
        }

        length = HandshakeMessage.HeaderBytes + ((waiting[1] << 16) | (waiting[2] << 8) | waiting[3]);
        if (length - HandshakeMessage.HeaderBytes > HandshakeLimits.Of((HandshakeType)waiting[0]))
        {
            Fail(AlertDescription.DecodeError, "a handshake message longer than any");
            return false;
        }

        return waiting.Length >= length;
    }
}
