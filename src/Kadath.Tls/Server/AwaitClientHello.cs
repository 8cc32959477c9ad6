namespace Kadath.Tls;

/// <summary>The client's first message, and after a HelloRetryRequest its second.</summary>
internal sealed class AwaitClientHello(ServerHandshake handshake) : HandshakeState
{
    private FirstHello? _first;

    /// <summary>What the second hello has to repeat, and what it was asked for.</summary>
    private sealed record FirstHello(byte[] Frame, NegotiationChoice Choice);

    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.ClientHello)
        {
            return handshake.Unexpected();
        }

        if (!ClientHello.TryParse(message.Body, out var hello, out var alert))
        {
            return handshake.Fail(alert, "a ClientHello that is malformed or of an older version");
        }

        if (handshake.Transport.IsQuic && !hello.SessionId.IsEmpty)
        {
            return handshake.Fail(AlertDescription.UnexpectedMessage, "a session id in QUIC"); // RFC 9001 section 8.4 leaves the error open.
        }

        handshake.IsMiddleboxCompatible = !hello.SessionId.IsEmpty;
        if (ClientTermsReader.Read(handshake, hello) is not { } terms)
        {
            return null;
        }

        if (_first is not null)
        {
            return HandleSecond(message, hello, terms, _first);
        }

        if (terms.Groups.Count == 0 || terms.Suites.Count == 0)
        {
            return handshake.Fail(AlertDescription.HandshakeFailure, "no group or no suite in common at or above the floor");
        }

        var choice = handshake.Policy.Negotiation.Choose(new(terms.Groups, terms.Shares, terms.Suites, terms.ClientSuites, handshake.Policy.Facts));
        if (!terms.Groups.Contains(choice.Group) || !terms.Suites.Contains(choice.Suite))
        {
            return handshake.Fail(AlertDescription.InternalError, "the negotiation chose what was not offered", TlsBlame.Us);
        }

        if (!terms.Shares.Contains(choice.Group))
        {
            return Retry(message, hello, terms, choice);
        }

        return Go(message, hello, terms, choice);
    }

    private HandshakeState Go(in HandshakeMessage message, ClientHello hello, ClientTerms terms, NegotiationChoice choice)
    {
        handshake.Secrets.RememberClientRandom(hello.Random);
        return new ServerFlight(handshake, message.Raw, terms, choice, isRetried: _first is not null).Begin(hello);
    }

    private HandshakeState? Retry(in HandshakeMessage message, ClientHello hello, ClientTerms terms, NegotiationChoice choice)
    {
        var suite = SuiteParameters.Of(choice.Suite, handshake.Crypto)!;
        handshake.Transcript.Append(message.Raw);
        handshake.Transcript.Choose(suite.Hash);
        handshake.Transcript.RestartForRetry();

        var writer = handshake.Outgoing;
        var start = writer.BeginMessage(HandshakeType.ServerHello);
        writer.UInt16(Versions.Tls12);
        writer.Bytes(ServerHello.RetryRandom);
        writer.Vector8(hello.SessionId);
        writer.UInt16((ushort)choice.Suite);
        writer.UInt8(0);
        var extensions = writer.Begin(2);
        var extension = writer.BeginExtension(ExtensionType.SupportedVersions);
        writer.UInt16(Versions.Tls13);
        writer.End(extension, 2);
        extension = writer.BeginExtension(ExtensionType.KeyShare);
        writer.UInt16((ushort)choice.Group);
        writer.End(extension, 2);
        writer.End(extensions, 2);
        writer.End(start, 3);
        handshake.Emit(EncryptionLevel.Initial);

        handshake.SkipsEarlyData = terms.OffersEarlyData && !handshake.Transport.IsQuic;
        _first = new(Frame(hello), choice);
        return this;
    }

    private HandshakeState? HandleSecond(in HandshakeMessage message, ClientHello hello, ClientTerms terms, FirstHello first)
    {
        // Only key_share, cookie, pre_shared_key, padding and early_data may change (RFC 9846 section 4.1.2).
        if (!Frame(hello).AsSpan().SequenceEqual(first.Frame) || !terms.Suites.Contains(first.Choice.Suite) || terms.OffersEarlyData
            || !hello.TryGetShares(out var shares) || shares.Count != 1 || !shares.TryGet(first.Choice.Group, out _))
        {
            return handshake.Fail(AlertDescription.IllegalParameter, "a second ClientHello that is not the first with what was asked for");
        }

        handshake.SkipsEarlyData = false;
        return Go(message, hello, terms, first.Choice);
    }

    /// <summary>The parts of a hello that must not change.</summary>
    private static byte[] Frame(ClientHello hello)
    {
        using WireWriter frame = new();
        frame.Bytes(hello.Random);
        frame.Vector8(hello.SessionId);
        for (var i = 0; i < hello.Suites.Count; i++)
        {
            frame.UInt16(hello.Suites[i]);
        }

        foreach (var type in (ReadOnlySpan<ExtensionType>)[ExtensionType.ServerName, ExtensionType.SupportedGroups, ExtensionType.SignatureAlgorithms, ExtensionType.Alpn,
            ExtensionType.ServerCertificateType, ExtensionType.ClientCertificateType, ExtensionType.RecordSizeLimit, ExtensionType.SupportedVersions,
            ExtensionType.PskKeyExchangeModes, ExtensionType.QuicTransportParameters])
        {
            frame.UInt16((ushort)type);
            if (hello.Extensions.TryGet(type, out var data))
            {
                frame.Vector16(data);
            }
        }

        return frame.Written.ToArray();
    }
}
