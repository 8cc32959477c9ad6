namespace Kadath.Tls;

/// <summary>
/// The server's way from a ClientHello that is accepted to its own Finished: session, credential, key exchange, signature. Each step that
/// is the caller's is a pause; the hello waits in memory meanwhile.
/// </summary>
internal sealed class ServerFlight
{
    private readonly ServerHandshake _handshake;
    private readonly byte[] _hello;
    private readonly ClientTerms _terms;
    private readonly SuiteParameters _suite;
    private readonly KeyExchangeGroup _group;
    private readonly bool _isRetried;
    private readonly NegotiationChoice _choice;
    private OfferedPsk? _psk;
    private int _pskIndex;
    private bool _acceptsEarlyData;

    public ServerFlight(ServerHandshake handshake, ReadOnlySpan<byte> hello, ClientTerms terms, NegotiationChoice choice, bool isRetried)
    {
        (_handshake, _hello, _terms, _isRetried) = (handshake, hello.ToArray(), terms, isRetried);
        _choice = choice;
        handshake.KeyUpdateAge = choice.KeyUpdateAge;
        _suite = SuiteParameters.Of(choice.Suite, handshake.Crypto)!;
        _group = KeyExchangeGroup.Of(choice.Group, handshake.Crypto)!;
        (handshake.ServerName, handshake.ApplicationProtocol) = (terms.ServerName, terms.Protocol);
    }

    private HandshakeKind Kind => _psk is null ? HandshakeKind.Full : _psk.Session is null ? HandshakeKind.ExternalPsk : HandshakeKind.Resumed;

    /// <summary>Looks for a pre-shared key first.</summary>
    public HandshakeState Begin(ClientHello hello)
    {
        if (_terms.ServerName is { } name)
        {
            _handshake.Sink.Event(new TlsEvent.ServerNamed(name));
        }

        if (!PskOffer.TryRead(hello.Extensions, out var offer, out var alert))
        {
            return _handshake.Fail(alert, "a malformed pre_shared_key or psk_key_exchange_modes")!;
        }

        _handshake.ClientTakesTickets = offer.TakesTickets && _choice.AllowTickets;
        if (offer.Identities.Count == 0 || !offer.TakesTickets)
        {
            return AskCredential();
        }

        for (var i = 0; i < offer.Identities.Count; i++)
        {
            if (FindExternal(offer.Identities[i].Span) is { } external)
            {
                return Take(offer, external, i);
            }
        }

        return _handshake.Options.TakeSessions && _choice.AllowTickets
            ? _handshake.Ask(new SessionNeeded((session, index) => _handshake.Resume(() => Resume(offer, session, index))) { Identities = offer.Identities })
            : AskCredential();
    }

    private OfferedPsk? FindExternal(ReadOnlySpan<byte> identity)
    {
        foreach (var psk in _handshake.Options.Psks)
        {
            if (OfferedPsk.Match(psk, _suite, identity, _handshake.Crypto) is { } offered)
            {
                return offered;
            }
        }

        return null;
    }

    /// <summary>Takes the session that the caller found, if nothing that it binds has changed.</summary>
    private HandshakeState? Resume(PskOffer offer, ServerSession? session, int index)
    {
        var options = _handshake.Options;
        if (session is null)
        {
            return AskCredential();
        }

        if (session.IsExpired(_handshake.Now) || session.Suite != _suite.Suite || session.ServerName != _terms.ServerName || session.ApplicationProtocol != _terms.Protocol
            || session.ClientAuthentication != options.ClientAuthentication || session.TrustTag != options.TrustTag
            || (options.ClientAuthentication == ClientAuthentication.Require && session.Peer is null) || (session.Peer is not null && !options.Policy.Allows(session.PeerScheme)))
        {
            session.Dispose();
            return AskCredential();
        }

        var psk = OfferedPsk.OfSession(session, offer.Identities[index], _handshake.Crypto);
        _acceptsEarlyData = _terms.OffersEarlyData && _choice.AllowEarlyData && !_isRetried && index == 0 && options.MaxEarlyData > 0 && session is { MaxEarlyData: > 0, RefusesEarlyData: false }
            && IsFresh(session, offer.Ages[index]);
        return Take(offer, psk, index);
    }

    /// <summary>Whether the age that the client tells is within ten seconds of ours: an early bound on replays (RFC 9846 section 8.3).</summary>
    private bool IsFresh(ServerSession session, uint obfuscatedAge)
    {
        var told = (long)(obfuscatedAge - session.AgeAdd);
        var ours = (long)(_handshake.Now - session.IssuedAt).TotalMilliseconds;
        return Math.Abs(told - ours) <= 10_000;
    }

    private HandshakeState Take(PskOffer offer, OfferedPsk psk, int index)
    {
        Span<byte> binder = stackalloc byte[SuiteParameters.MaxHashBytes];
        psk.ComputeBinder(_handshake.Transcript, _hello.AsSpan(0, _hello.Length - offer.BindersLength), binder);
        (_psk, _pskIndex) = (psk, index);
        if (!Crypto.ConstantTime.AreEqual(binder[..psk.Suite.HashBytes], offer.Binders[index].Span))
        {
            DisposePsk();
            return _handshake.Fail(AlertDescription.DecryptError, "the binder of a pre-shared key is wrong")!;
        }

        (_handshake.Peer, _handshake.PeerScheme) = (psk.Session?.Peer, psk.Session?.PeerScheme ?? default);
        return SendHello(null)!;
    }

    private HandshakeState AskCredential()
    {
        if (!_terms.HasSchemes)
        {
            return _handshake.Fail(AlertDescription.MissingExtension, "no signature_algorithms, and no pre-shared key that we know")!;
        }

        if (_terms.ServerTypes.Count == 0)
        {
            return _handshake.Fail(AlertDescription.UnsupportedCertificate, "no certificate type in common")!;
        }

        if (_terms.Schemes.Count == 0)
        {
            return _handshake.Fail(AlertDescription.HandshakeFailure, "no signature scheme in common")!;
        }

        if (_handshake.Options.ClientAuthentication == ClientAuthentication.Require && _terms.ClientTypes.Count == 0)
        {
            return _handshake.Fail(AlertDescription.UnsupportedCertificate, "the client cannot show what we take")!;
        }

        return _handshake.Ask(new CredentialNeeded(credential => _handshake.Resume(() => credential is not null
            ? SendHello(credential)
            : _handshake.Fail(_terms.ServerName is null ? AlertDescription.HandshakeFailure : AlertDescription.UnrecognizedName, "no credential for this client", TlsBlame.Caller)))
        {
            ServerName = _terms.ServerName,
            Types = _terms.ServerTypes,
            Schemes = _terms.Schemes,
            ApplicationProtocols = _terms.Protocols,
        });
    }

    /// <summary>Completes the key exchange, sends ServerHello and what follows it.</summary>
    private HandshakeState? SendHello(Credential? credential)
    {
        ClientHello.TryParse(_hello.AsSpan(HandshakeMessage.HeaderBytes), out var hello, out _);
        hello.TryGetShares(out var shares);
        shares.TryGet(_group.Name, out var clientShare);
        var share = new byte[_group.ServerShareBytes];
        Span<byte> secret = stackalloc byte[KeyExchangeGroup.MaxSecretBytes];
        try
        {
            if (clientShare.Length != _group.ClientShareBytes || !_group.TryRespond(clientShare, _handshake.Options.Entropy, share, secret))
            {
                return _handshake.Fail(AlertDescription.IllegalParameter, "a share that the group's standard refuses");
            }

            _handshake.Transcript.Append(_hello);
            _handshake.Transcript.Choose(_suite.Hash);
            var secrets = _handshake.Secrets;
            secrets.Begin(_suite, _psk is null ? default : _psk.Psk.Span);
            if (_acceptsEarlyData)
            {
                secrets.EnterEarlyData(TrafficDirection.Receive);
            }

            ServerMessages.WriteHello(_handshake.Outgoing, _handshake.Options.Entropy, hello.SessionId, _suite.Suite, _group.Name, share, _psk is null ? null : _pskIndex);
            _handshake.Emit(EncryptionLevel.Initial);
            secrets.EnterHandshake(secret[.._group.SecretBytes]);
        }
        finally
        {
            SecretBytes.Erase(secret);
            DisposePsk();
        }

        return SendFlight(credential, hello);
    }

    private HandshakeState? SendFlight(Credential? credential, ClientHello hello)
    {
        var secrets = _handshake.Secrets;
        secrets.TellHandshake(TrafficDirection.Send);
        if (!_acceptsEarlyData || _handshake.Transport.IsQuic)
        {
            secrets.TellHandshake(TrafficDirection.Receive);
            _handshake.ReceiveLevel = EncryptionLevel.Handshake;
        }
        else
        {
            _handshake.ReceiveLevel = EncryptionLevel.EarlyData;
        }

        TellFacts(hello);
        var asksClient = credential is not null && _handshake.Options.ClientAuthentication != ClientAuthentication.None && _terms.ClientTypes.Count > 0;
        ServerMessages.WriteEncryptedExtensions(_handshake, _terms, credential, asksClient, _acceptsEarlyData);
        _handshake.Emit(EncryptionLevel.Handshake);
        if (credential is null)
        {
            return Finish(null);
        }

        if (asksClient)
        {
            ServerMessages.WriteCertificateRequest(_handshake.Outgoing, _handshake.Policy);
            _handshake.Emit(EncryptionLevel.Handshake);
        }

        CertificateMessages.Write(_handshake.Outgoing, credential, []);
        _handshake.Emit(EncryptionLevel.Handshake);
        return _handshake.AskSignature(credential, _terms.Schemes.First(credential.Key.Schemes.Contains), () => Finish(asksClient ? _terms.ClientTypes[0] : null));
    }

    private void TellFacts(ClientHello hello)
    {
        var sink = _handshake.Sink;
        sink.Event(new TlsEvent.Negotiated(_suite.Suite, _group.Name, _isRetried));
        if (_terms.Protocol is { } protocol)
        {
            sink.Event(new TlsEvent.ProtocolSelected(protocol));
        }

        if (_terms.RecordSizeLimit > 0 && !_handshake.Transport.IsQuic)
        {
            _handshake.PeerRecordLimit = _terms.RecordSizeLimit - 1;
            _handshake.IsRecordLimitAgreed = _handshake.Transport.RecordSizeLimit is not null;
        }

        if (_terms.OffersEarlyData)
        {
            _handshake.SkipsEarlyData = !_acceptsEarlyData && !_handshake.Transport.IsQuic;
            sink.Event(new TlsEvent.EarlyDataDecided(_acceptsEarlyData));
        }

        if (_handshake.Transport.IsQuic && hello.Extensions.TryGet(ExtensionType.QuicTransportParameters, out var parameters))
        {
            sink.Event(new TlsEvent.TransportParameters(parameters.ToArray()));
        }
    }

    /// <summary>Sends Finished, and can send application data from then on; what it sends before the client's Finished only the client's key share protects.</summary>
    private HandshakeState Finish(CertificateType? clientType)
    {
        var secrets = _handshake.Secrets;
        _handshake.EmitFinished(secrets.ServerHandshake);
        secrets.EnterApplication();
        secrets.TellApplication(TrafficDirection.Send);
        HandshakeState next = clientType is { } type ? new AwaitClientCertificate(_handshake, type, Kind) : new AwaitClientFinished(_handshake, Kind);
        return _acceptsEarlyData && !_handshake.Transport.IsQuic ? new AwaitEndOfEarlyData(_handshake, next) : next;
    }

    private void DisposePsk()
    {
        _psk?.Dispose();
        (_psk?.Session as ServerSession)?.Dispose();
    }
}
