namespace Kadath.Tls;

/// <summary>The server's Finished; then verification, and the client's flight.</summary>
internal sealed class AwaitServerFinished(ClientHandshake handshake, HandshakeKind kind, ClientAuthenticationRequest? request) : HandshakeState
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

        if (!handshake.VerifyFinished(message.Body, handshake.Secrets.ServerHandshake))
        {
            return handshake.Fail(AlertDescription.DecryptError, "the server's Finished is wrong");
        }

        handshake.Transcript.Append(message.Raw);
        handshake.Secrets.EnterApplication();
        if (handshake.Peer is not { } peer)
        {
            return Answer(); // Only a key that both were given leads here: who has it is who it was given to.
        }

        handshake.Sink.Event(new TlsEvent.PeerProven(peer, handshake.PeerScheme));
        return handshake.AskVerification(peer, handshake.Options.ServerName, kind == HandshakeKind.Resumed, Answer);
    }

    /// <summary>Sends what the server waits for.</summary>
    private HandshakeState? Answer()
    {
        if (handshake.IsEarlyDataOpen && !handshake.Transport.IsQuic)
        {
            var message = handshake.Outgoing.BeginMessage(HandshakeType.EndOfEarlyData);
            handshake.Outgoing.End(message, 3);
            handshake.Emit(EncryptionLevel.EarlyData);
            handshake.Secrets.TellHandshake(TrafficDirection.Send);
        }

        handshake.IsEarlyDataOpen = false;
        if (request is null)
        {
            return Finish();
        }

        SignatureScheme[] schemes = [.. request.Schemes.Select(number => (SignatureScheme)number).Where(handshake.Policy.Allows)];
        return schemes.Length == 0 ? Show(null, schemes) : handshake.Ask(new CredentialNeeded(credential => handshake.Resume(() => Show(credential, schemes)))
        {
            Types = [handshake.ClientCertificateType],
            Schemes = schemes,
        });
    }

    private HandshakeState? Show(Credential? credential, SignatureScheme[] schemes)
    {
        CertificateMessages.Write(handshake.Outgoing, credential, []);
        handshake.Emit(EncryptionLevel.Handshake);
        return credential is null ? Finish() : handshake.AskSignature(credential, schemes.First(credential.Key.Schemes.Contains), Finish);
    }

    private HandshakeState Finish()
    {
        var secrets = handshake.Secrets;
        handshake.EmitFinished(secrets.ClientHandshake);
        secrets.EnterResumption();
        secrets.TellApplication(TrafficDirection.Receive);
        secrets.TellApplication(TrafficDirection.Send);
        handshake.ReceiveLevel = EncryptionLevel.Application;
        handshake.Finish(kind);
        return new ClientConnected(handshake);
    }
}
