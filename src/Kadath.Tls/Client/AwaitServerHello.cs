using System.Buffers.Binary;

namespace Kadath.Tls;

/// <summary>The answer to the ClientHello: a ServerHello, or once a HelloRetryRequest.</summary>
internal sealed class AwaitServerHello(ClientHandshake handshake) : HandshakeState
{
    private CipherSuite? _retrySuite;
    private NamedGroup? _retryGroup;

    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.ServerHello)
        {
            return handshake.Unexpected();
        }

        if (!ServerHello.TryParse(message.Body, out var hello, out var alert))
        {
            return handshake.Fail(alert, "a ServerHello that is malformed or of another version");
        }

        if (!hello.SessionId.SequenceEqual(handshake.Offer.SessionId))
        {
            return handshake.Fail(AlertDescription.IllegalParameter, "the session id is not ours");
        }

        if (!handshake.Offer.Suites.Contains(hello.Suite) || (_retrySuite is { } before && before != hello.Suite)
            || SuiteParameters.Of(hello.Suite, handshake.Crypto) is not { } suite)
        {
            return handshake.Fail(AlertDescription.IllegalParameter, "a cipher suite that was not offered");
        }

        handshake.Transcript.Choose(suite.Hash);
        return hello.IsRetry ? Retry(message, hello, suite) : Accept(message, hello, suite);
    }

    private HandshakeState? Retry(in HandshakeMessage message, ServerHello hello, SuiteParameters suite)
    {
        if (handshake.HelloRetried)
        {
            return handshake.Fail(AlertDescription.UnexpectedMessage, "a second HelloRetryRequest");
        }

        if (!hello.Extensions.AreAmong([ExtensionType.SupportedVersions, ExtensionType.KeyShare, ExtensionType.Cookie], out var alert))
        {
            return handshake.Fail(alert, "an extension that no HelloRetryRequest has");
        }

        KeyExchangeGroup? group = null;
        if (hello.Extensions.TryGet(ExtensionType.KeyShare, out var selected))
        {
            if (selected.Length != 2)
            {
                return handshake.Fail(AlertDescription.DecodeError, "a malformed key_share");
            }

            var name = (NamedGroup)BinaryPrimitives.ReadUInt16BigEndian(selected);
            if (!handshake.Offer.Groups.Contains(name) || handshake.Offer.HasShare(name))
            {
                return handshake.Fail(AlertDescription.IllegalParameter, "a group that was not offered, or whose share was sent");
            }

            _retryGroup = name;
            group = KeyExchangeGroup.Of(name, handshake.Crypto);
        }

        ReadOnlySpan<byte> cookie = default;
        if (hello.Extensions.TryGet(ExtensionType.Cookie, out var data))
        {
            WireReader reader = new(data);
            if (!reader.TryReadVector16(out cookie) || !reader.AtEnd || cookie.IsEmpty)
            {
                return handshake.Fail(AlertDescription.DecodeError, "a malformed cookie");
            }

            if (cookie.Length > HandshakeLimits.Cookie)
            {
                return handshake.Fail(AlertDescription.IllegalParameter, "a cookie longer than any use");
            }
        }

        if (group is null && cookie.IsEmpty)
        {
            return handshake.Fail(AlertDescription.IllegalParameter, "a HelloRetryRequest that asks for nothing");
        }

        _retrySuite = hello.Suite;
        handshake.HelloRetried = true;
        handshake.Transcript.RestartForRetry();
        handshake.Transcript.Append(message.Raw);
        handshake.RefuseEarlyData();
        handshake.Offer.SendAgain(group, cookie, suite);
        return this;
    }

    private HandshakeState? Accept(in HandshakeMessage message, ServerHello hello, SuiteParameters suite)
    {
        if (!hello.Extensions.AreAmong([ExtensionType.SupportedVersions, ExtensionType.KeyShare, ExtensionType.PreSharedKey], out var alert))
        {
            return handshake.Fail(alert, "an extension that no ServerHello has");
        }

        if (!hello.Extensions.TryGet(ExtensionType.KeyShare, out var entry))
        {
            return handshake.Fail(AlertDescription.MissingExtension, "no key_share");
        }

        WireReader reader = new(entry);
        if (!reader.TryReadUInt16(out var name) || !reader.TryReadVector16(out var share) || !reader.AtEnd)
        {
            return handshake.Fail(AlertDescription.DecodeError, "a malformed key_share");
        }

        var group = (NamedGroup)name;
        if (!handshake.Offer.HasShare(group) || (_retryGroup is { } asked && asked != group))
        {
            return handshake.Fail(AlertDescription.IllegalParameter, "a group whose share was not sent");
        }

        if (!TryTakePsk(hello, suite, out var psk))
        {
            return null;
        }

        handshake.Transcript.Append(message.Raw);
        Span<byte> secret = stackalloc byte[KeyExchangeGroup.MaxSecretBytes];
        try
        {
            if (!handshake.Offer.TryFinish(group, share, secret, out var length))
            {
                return handshake.Fail(AlertDescription.IllegalParameter, "a share that the group's standard refuses");
            }

            return Enter(suite, group, psk, secret[..length]);
        }
        finally
        {
            SecretBytes.Erase(secret);
        }
    }

    private bool TryTakePsk(ServerHello hello, SuiteParameters suite, out OfferedPsk? psk)
    {
        psk = null;
        if (!hello.Extensions.TryGet(ExtensionType.PreSharedKey, out var selected))
        {
            return true;
        }

        if (selected.Length != 2)
        {
            handshake.Fail(AlertDescription.DecodeError, "a malformed pre_shared_key");
            return false;
        }

        var index = BinaryPrimitives.ReadUInt16BigEndian(selected);
        if (index >= handshake.Offer.Psks.Count || !SuiteParameters.SameHash(handshake.Offer.Psks[index].Suite.Suite, suite.Suite))
        {
            handshake.Fail(AlertDescription.IllegalParameter, "a pre-shared key that was not offered, or of another hash");
            return false;
        }

        psk = handshake.Offer.Psks[index];
        return true;
    }

    private HandshakeState Enter(SuiteParameters suite, NamedGroup group, OfferedPsk? psk, ReadOnlySpan<byte> sharedSecret)
    {
        var secrets = handshake.Secrets;
        secrets.Begin(suite, psk is null ? default : psk.Psk.Span);
        secrets.EnterHandshake(sharedSecret);
        secrets.TellHandshake(TrafficDirection.Receive);
        handshake.ReceiveLevel = EncryptionLevel.Handshake;

        // Over records, early data goes on under its own keys until EndOfEarlyData.
        if (!handshake.IsEarlyDataOpen || handshake.Transport.IsQuic)
        {
            secrets.TellHandshake(TrafficDirection.Send);
        }

        handshake.Sink.Event(new TlsEvent.Negotiated(suite.Suite, group, handshake.HelloRetried));
        if (psk?.Session is { } session)
        {
            (handshake.Peer, handshake.PeerScheme) = (session.Peer, session.PeerScheme);
        }

        var kind = psk is null ? HandshakeKind.Full : psk.Session is null ? HandshakeKind.ExternalPsk : HandshakeKind.Resumed;
        return new AwaitEncryptedExtensions(handshake, kind, isFirstPsk: psk is not null && ReferenceEquals(psk, handshake.Offer.Psks[0]));
    }
}
