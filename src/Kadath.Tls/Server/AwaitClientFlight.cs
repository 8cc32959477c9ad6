namespace Kadath.Tls;

/// <summary>The end of early data that was accepted; only over records (RFC 9846 section 4.5).</summary>
internal sealed class AwaitEndOfEarlyData(ServerHandshake handshake, HandshakeState next) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.EndOfEarlyData)
        {
            return handshake.Unexpected();
        }

        if (!message.Body.IsEmpty)
        {
            return handshake.Fail(AlertDescription.DecodeError, "an EndOfEarlyData with contents");
        }

        handshake.Transcript.Append(message.Raw);
        handshake.Secrets.TellHandshake(TrafficDirection.Receive);
        handshake.ReceiveLevel = EncryptionLevel.Handshake;
        return next;
    }
}

/// <summary>The Certificate of a client that was asked for one.</summary>
internal sealed class AwaitClientCertificate(ServerHandshake handshake, CertificateType type, HandshakeKind kind) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.Certificate)
        {
            return handshake.Unexpected();
        }

        if (!CertificateMessages.TryRead(message.Body, type, [], out var entries, out var alert))
        {
            return handshake.Fail(alert, "a malformed Certificate");
        }

        handshake.Transcript.Append(message.Raw);
        if (entries.Count == 0)
        {
            return handshake.Options.ClientAuthentication == ClientAuthentication.Require
                ? handshake.Fail(AlertDescription.CertificateRequired, "the client shows nothing")
                : new AwaitClientFinished(handshake, kind);
        }

        return PeerIdentity.Read(type, entries, handshake.Crypto.Sha256) is { } peer
            ? new AwaitClientCertificateVerify(handshake, peer, kind)
            : handshake.Fail(AlertDescription.BadCertificate, "a certificate that cannot be read, or a key that is not supported");
    }
}

/// <summary>The client's signature over the handshake. Checked always.</summary>
internal sealed class AwaitClientCertificateVerify(ServerHandshake handshake, PeerIdentity peer, HandshakeKind kind) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.CertificateVerify)
        {
            return handshake.Unexpected();
        }

        if (!handshake.VerifySignature(peer, message.Body, byServer: false, out var scheme))
        {
            return null;
        }

        handshake.Transcript.Append(message.Raw);
        (handshake.Peer, handshake.PeerScheme) = (peer, scheme);
        return new AwaitClientFinished(handshake, kind);
    }
}

/// <summary>The client's Finished; then verification of the client, if it showed who it is.</summary>
internal sealed class AwaitClientFinished(ServerHandshake handshake, HandshakeKind kind) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.Finished)
        {
            return handshake.Unexpected();
        }

        if (message.Body.Length != handshake.Secrets.Suite.HashBytes)
        {
            return handshake.Fail(AlertDescription.DecodeError, "a Finished of the wrong length");
        }

        if (!handshake.VerifyFinished(message.Body, handshake.Secrets.ClientHandshake))
        {
            return handshake.Fail(AlertDescription.DecryptError, "the client's Finished is wrong");
        }

        handshake.Transcript.Append(message.Raw);
        handshake.Secrets.EnterResumption();
        if (handshake.Peer is not { } peer)
        {
            return Complete();
        }

        handshake.Sink.Event(new TlsEvent.PeerProven(peer, handshake.PeerScheme));
        return handshake.AskVerification(peer, null, kind == HandshakeKind.Resumed, Complete);
    }

    private ServerConnected Complete()
    {
        handshake.Secrets.TellApplication(TrafficDirection.Receive);
        handshake.ReceiveLevel = EncryptionLevel.Application;
        handshake.Finish(kind);
        return new(handshake);
    }
}

/// <summary>Nothing is awaited any more; key updates may come.</summary>
internal sealed class ServerConnected(ServerHandshake handshake) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message) => message.Type switch
    {
        HandshakeType.KeyUpdate => handshake.HandleKeyUpdate(message.Body) ? this : null,
        _ => handshake.Unexpected(),
    };
}
