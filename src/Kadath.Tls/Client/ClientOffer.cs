using System.Buffers.Binary;
using System.Text;

namespace Kadath.Tls;

/// <summary>What a client's hello offers, and the private halves of it. The second hello, after a HelloRetryRequest, repeats the first but for what was asked.</summary>
internal sealed class ClientOffer : IDisposable
{
    private readonly ClientHandshake _handshake;
    private readonly TlsClientOptions _options;
    private readonly byte[] _random = new byte[ClientHello.RandomBytes];
    private readonly byte[] _sessionId;
    private readonly List<(NamedGroup Group, byte[] Public, ClientShare Private)> _shares = [];
    private readonly List<OfferedPsk> _psks = [];
    private byte[] _cookie = [];
    private bool _isSecond;

    public ClientOffer(ClientHandshake handshake)
    {
        (_handshake, _options) = (handshake, handshake.Options);
        Groups = [.. _options.Policy.Groups.Where(group => _options.Policy.Allows(group) && KeyExchangeGroup.Of(group, _options.Crypto) is not null)];
        Suites = [.. _options.Policy.Suites.Where(_options.Policy.Allows)];

        // A session id that means nothing makes the flight look like the resumption of older versions to middleboxes; QUIC has none (RFC 9001 section 8.4).
        _sessionId = new byte[_options.Transport.IsQuic ? 0 : 32];
        _options.Entropy.Fill(_random);
        _options.Entropy.Fill(_sessionId);
        SniName = ClientHandshake.SniOf(_options.ServerName);
    }

    public IReadOnlyList<NamedGroup> Groups { get; }

    public IReadOnlyList<CipherSuite> Suites { get; }

    public ReadOnlySpan<byte> SessionId => _sessionId;

    public string? SniName { get; }

    public IReadOnlyList<OfferedPsk> Psks => _psks;

    public bool OffersEarlyData { get; private set; }

    /// <summary>Writes the first hello and sends it, with the secret of early data if that is offered.</summary>
    public void Send()
    {
        GenerateShares();
        OfferPsks();
        _handshake.Secrets.RememberClientRandom(_random);
        OffersEarlyData = _options.OfferEarlyData && _psks is [{ Session: ClientSession session }, ..] && session.MaxEarlyData > 0
            && Suites.Contains(session.Suite)
            && (session.ApplicationProtocol is null ? _options.ApplicationProtocols.Count == 0 : _options.ApplicationProtocols.Contains(session.ApplicationProtocol));
        Write();
        _handshake.Emit(EncryptionLevel.Initial);
        if (OffersEarlyData)
        {
            // The keys of early data cover the hello under the session's hash, which the server has yet to confirm.
            _handshake.IsEarlyDataOpen = true;
            _handshake.Secrets.Begin(_psks[0].Suite, _psks[0].Psk.Span);
            _handshake.Secrets.EnterEarlyData(TrafficDirection.Send);
        }
    }

    /// <summary>Writes the second hello with a share of the group that the server asked for.</summary>
    public void SendAgain(KeyExchangeGroup? group, ReadOnlySpan<byte> cookie, SuiteParameters suite)
    {
        _isSecond = true;
        OffersEarlyData = false;
        _cookie = cookie.ToArray();
        if (group is not null)
        {
            DisposeShares();
            AddShare(group);
        }

        // A key of another hash could not be used any more.
        foreach (var psk in _psks.Where(psk => psk.Suite.HashBytes != suite.HashBytes).ToArray())
        {
            _psks.Remove(psk);
            psk.Dispose();
        }

        Write();
        _handshake.Emit(EncryptionLevel.Initial);
    }

    public bool HasShare(NamedGroup group) => _shares.Exists(share => share.Group == group);

    /// <summary>Completes the key exchange with the server's share; false for one that the group's standard refuses.</summary>
    public bool TryFinish(NamedGroup group, ReadOnlySpan<byte> serverShare, Span<byte> secret, out int length)
    {
        length = KeyExchangeGroup.Of(group, _options.Crypto)!.SecretBytes;
        return _shares.Find(share => share.Group == group).Private.TryFinish(serverShare, secret[..length]);
    }

    public void Dispose()
    {
        DisposeShares();
        foreach (var psk in _psks)
        {
            psk.Dispose();
        }

        _psks.Clear();
    }

    private void DisposeShares()
    {
        foreach (var share in _shares)
        {
            share.Private.Dispose();
        }

        _shares.Clear();
    }

    private void GenerateShares()
    {
        var wanted = _options.Policy.Shares ?? (KeyExchangeGroup.Of(Groups[0], _options.Crypto) is HybridGroup first ? [Groups[0], first.Classical] : [Groups[0]]);
        foreach (var name in wanted.Where(Groups.Contains).DefaultIfEmpty(Groups[0]))
        {
            var group = KeyExchangeGroup.Of(name, _options.Crypto)!;
            if (HasShare(name))
            {
                continue;
            }

            // The classical half of a hybrid share serves for the classical group too (RFC 9954 section 3.2).
            var hybrid = _shares.Find(share => KeyExchangeGroup.Of(share.Group, _options.Crypto) is HybridGroup other && other.Classical == name);
            if (hybrid.Private is HybridGroup.Share halves)
            {
                var part = ((HybridGroup)KeyExchangeGroup.Of(hybrid.Group, _options.Crypto)!).ClassicalPart;
                _shares.Add((name, hybrid.Public[part], halves.Classical));
            }
            else
            {
                AddShare(group);
            }
        }
    }

    private void AddShare(KeyExchangeGroup group)
    {
        var share = new byte[group.ClientShareBytes];
        var key = group.Generate(_options.Entropy, share);
        _shares.Add((group.Name, share, key));
    }

    private void OfferPsks()
    {
        // A session without a peer began with a key that was given: without that key nobody vouches for the server.
        if (_options.Session is { } session && (session.Peer is not null || _options.Psk is not null) && !session.IsExpired(_handshake.Now) && Suites.Contains(session.Suite)
            && (session.Peer is null || _options.Policy.Allows(session.PeerScheme)) && session.ServerName == SniName && session.TrustTag == _options.TrustTag)
        {
            _psks.Add(OfferedPsk.OfSession(session, session.Ticket, _options.Crypto));
        }

        if (_options.Psk is { } external)
        {
            _psks.AddRange(OfferedPsk.OfExternal(external, _options.Crypto).Where(psk => Suites.Any(suite => SuiteParameters.SameHash(suite, psk.Suite.Suite))));
        }
    }

    private void Write()
    {
        var writer = _handshake.Outgoing;
        var message = writer.BeginMessage(HandshakeType.ClientHello);
        writer.UInt16(Versions.Tls12);
        writer.Bytes(_random);
        writer.Vector8(_sessionId);
        WriteCodePoints(writer, Suites.Select(suite => (ushort)suite));
        writer.Vector8([0]);
        var extensions = writer.Begin(2);
        WriteNames(writer);
        WriteCapabilities(writer);
        WriteShares(writer);
        if (!_options.Transport.QuicParameters.IsEmpty || _options.Transport.IsQuic)
        {
            WriteExtension(writer, ExtensionType.QuicTransportParameters, _options.Transport.QuicParameters.Span);
        }

        if (OffersEarlyData)
        {
            WriteExtension(writer, ExtensionType.EarlyData, []);
        }

        var binders = _psks.Count > 0 ? WritePsks(writer) : 0;
        writer.End(extensions, 2);
        writer.End(message, 3);
        FillBinders(writer, binders);
    }

    private void WriteNames(WireWriter writer)
    {
        if (SniName is { } name)
        {
            var extension = writer.BeginExtension(ExtensionType.ServerName);
            var list = writer.Begin(2);
            writer.UInt8(0);
            writer.Vector16(Encoding.ASCII.GetBytes(name));
            writer.End(list, 2);
            writer.End(extension, 2);
        }

        if (_options.ApplicationProtocols.Count > 0)
        {
            var extension = writer.BeginExtension(ExtensionType.Alpn);
            var list = writer.Begin(2);
            foreach (var protocol in _options.ApplicationProtocols)
            {
                writer.Vector8(Encoding.ASCII.GetBytes(protocol));
            }

            writer.End(list, 2);
            writer.End(extension, 2);
        }
    }

    private void WriteCapabilities(WireWriter writer)
    {
        var extension = writer.BeginExtension(ExtensionType.SupportedVersions);
        writer.Vector8([3, 4]);
        writer.End(extension, 2);

        extension = writer.BeginExtension(ExtensionType.SupportedGroups);
        WriteCodePoints(writer, Groups.Select(group => (ushort)group));
        writer.End(extension, 2);

        extension = writer.BeginExtension(ExtensionType.SignatureAlgorithms);
        WriteCodePoints(writer, _options.Policy.Signatures.Where(_options.Policy.Allows).Select(scheme => (ushort)scheme));
        writer.End(extension, 2);

        WriteTypes(writer, ExtensionType.ServerCertificateType, _options.ServerCertificateTypes);
        WriteTypes(writer, ExtensionType.ClientCertificateType, _options.ClientCertificateTypes);
        if (_options.Transport.RecordSizeLimit is { } limit)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)limit);
            WriteExtension(writer, ExtensionType.RecordSizeLimit, bytes);
        }
    }

    private void WriteShares(WireWriter writer)
    {
        var extension = writer.BeginExtension(ExtensionType.KeyShare);
        var list = writer.Begin(2);
        foreach (var (group, share, _) in _shares)
        {
            writer.UInt16((ushort)group);
            writer.Vector16(share);
        }

        writer.End(list, 2);
        writer.End(extension, 2);
        if (_isSecond && _cookie.Length > 0)
        {
            extension = writer.BeginExtension(ExtensionType.Cookie);
            writer.Vector16(_cookie);
            writer.End(extension, 2);
        }

        // Only with a fresh key exchange (psk_dhe_ke). It is sent without keys too: it says that tickets are of use.
        WriteExtension(writer, ExtensionType.PskKeyExchangeModes, [1, 1]);
    }

    /// <summary>Writes the offered keys with room for their binders; returns where the binders begin.</summary>
    private int WritePsks(WireWriter writer)
    {
        var extension = writer.BeginExtension(ExtensionType.PreSharedKey);
        var identities = writer.Begin(2);
        foreach (var psk in _psks)
        {
            writer.Vector16(psk.Identity.Span);
            writer.UInt32(psk.Session is { } session ? (uint)(_handshake.Now - session.IssuedAt).TotalMilliseconds + session.AgeAdd : 0);
        }

        writer.End(identities, 2);
        var binders = writer.Begin(2);
        foreach (var psk in _psks)
        {
            writer.UInt8((byte)psk.Suite.HashBytes);
            writer.Reserve(psk.Suite.HashBytes).Clear();
        }

        writer.End(binders, 2);
        writer.End(extension, 2);
        return binders;
    }

    private void FillBinders(WireWriter writer, int binders)
    {
        var at = binders;
        foreach (var psk in _psks)
        {
            psk.ComputeBinder(_handshake.Transcript, writer.Written[..(binders - 2)], writer[(at + 1)..(at + 1 + psk.Suite.HashBytes)]);
            at += 1 + psk.Suite.HashBytes;
        }
    }

    private static void WriteTypes(WireWriter writer, ExtensionType type, IReadOnlyList<CertificateType> types)
    {
        // X.509 alone is what everybody takes for granted (RFC 7250 section 4.1).
        if (types is not [CertificateType.X509])
        {
            var extension = writer.BeginExtension(type);
            writer.Vector8([.. types.Select(item => (byte)item)]);
            writer.End(extension, 2);
        }
    }

    private static void WriteCodePoints(WireWriter writer, IEnumerable<ushort> points)
    {
        var list = writer.Begin(2);
        foreach (var point in points)
        {
            writer.UInt16(point);
        }

        writer.End(list, 2);
    }

    private static void WriteExtension(WireWriter writer, ExtensionType type, ReadOnlySpan<byte> data)
    {
        writer.UInt16((ushort)type);
        writer.Vector16(data);
    }
}
