namespace Kadath.Tls;

/// <summary>The server's Certificate, or before it the wish to see ours.</summary>
internal sealed class AwaitCertificateOrRequest(ClientHandshake handshake) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.CertificateRequest)
        {
            return new AwaitServerCertificate(handshake, null).Handle(message);
        }

        if (!ClientAuthenticationRequest.TryParse(message.Body, out var request, out var alert))
        {
            return handshake.Fail(alert, "a malformed CertificateRequest");
        }

        handshake.Transcript.Append(message.Raw);
        return new AwaitServerCertificate(handshake, request);
    }
}

/// <summary>What a server wants to see of a client (RFC 9846 section 4.3.2).</summary>
internal sealed class ClientAuthenticationRequest
{
    private ClientAuthenticationRequest(ushort[] schemes) => Schemes = schemes;

    /// <summary>Schemes that the server can verify, in its order; numbers that nobody here knows among them.</summary>
    public ushort[] Schemes { get; }

    public static bool TryParse(ReadOnlySpan<byte> body, out ClientAuthenticationRequest? request, out AlertDescription alert)
    {
        (request, alert) = (null, AlertDescription.DecodeError);
        WireReader reader = new(body);
        if (!reader.TryReadVector8(out var context) || !reader.TryReadVector16(out var bytes) || !reader.AtEnd || !Extensions.TryParse(bytes, out var extensions, out alert))
        {
            return false;
        }

        // A context is for authentication after the handshake (section 4.3.2), which is not supported.
        alert = AlertDescription.IllegalParameter;
        if (!context.IsEmpty)
        {
            return false;
        }

        alert = AlertDescription.MissingExtension;
        if (!extensions.TryGet(ExtensionType.SignatureAlgorithms, out var data))
        {
            return false;
        }

        alert = AlertDescription.DecodeError;
        WireReader schemes = new(data);
        if (!schemes.TryReadVector16(out var list) || !schemes.AtEnd || !CodePoints.TryParse(list, out var points))
        {
            return false;
        }

        request = new(points.ToArray());
        return true;
    }
}

/// <summary>The server's Certificate.</summary>
internal sealed class AwaitServerCertificate(ClientHandshake handshake, ClientAuthenticationRequest? request) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.Certificate)
        {
            return handshake.Unexpected();
        }

        var type = handshake.ServerCertificateType;
        if (!CertificateMessages.TryRead(message.Body, type, [], out var entries, out var alert))
        {
            return handshake.Fail(alert, "a malformed Certificate");
        }

        if (entries.Count == 0)
        {
            return handshake.Fail(AlertDescription.DecodeError, "a server without a certificate");
        }

        if (PeerIdentity.Read(type, entries, handshake.Crypto.Sha256) is not { } peer)
        {
            return handshake.Fail(AlertDescription.BadCertificate, "a certificate that cannot be read, or a key that is not supported");
        }

        handshake.Transcript.Append(message.Raw);
        return new AwaitServerCertificateVerify(handshake, peer, request);
    }
}

/// <summary>The server's signature over the handshake. Checked always, whatever the caller trusts.</summary>
internal sealed class AwaitServerCertificateVerify(ClientHandshake handshake, PeerIdentity peer, ClientAuthenticationRequest? request) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.CertificateVerify)
        {
            return handshake.Unexpected();
        }

        if (!handshake.VerifySignature(peer, message.Body, byServer: true, out var scheme))
        {
            return null;
        }

        handshake.Transcript.Append(message.Raw);
        (handshake.Peer, handshake.PeerScheme) = (peer, scheme);
        return new AwaitServerFinished(handshake, HandshakeKind.Full, request);
    }
}
