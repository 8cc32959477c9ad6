using System.Buffers.Binary;
using System.Text;

namespace Kadath.Tls;

/// <summary>EncryptedExtensions: the server's answers to what the hello offered (RFC 9846 section 4.3.1).</summary>
internal sealed class AwaitEncryptedExtensions(ClientHandshake handshake, HandshakeKind kind, bool isFirstPsk) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message)
    {
        if (message.Type != HandshakeType.EncryptedExtensions)
        {
            return handshake.Unexpected();
        }

        WireReader reader = new(message.Body);
        if (!reader.TryReadVector16(out var bytes) || !reader.AtEnd)
        {
            return handshake.Fail(AlertDescription.DecodeError, "malformed EncryptedExtensions");
        }

        if (!Extensions.TryParse(bytes, out var extensions, out var alert) || !extensions.AreAmong(Answerable(), out alert))
        {
            return handshake.Fail(alert, "extensions that are malformed, twice there, or were not offered");
        }

        if (!TakeProtocol(extensions) || !TakeTypes(extensions) || !TakeTransport(extensions) || !TakeEarlyData(extensions))
        {
            return null;
        }

        handshake.Transcript.Append(message.Raw);
        return kind == HandshakeKind.Full ? new AwaitCertificateOrRequest(handshake) : new AwaitServerFinished(handshake, kind, null);
    }

    /// <summary>The extensions that the hello had, and that may be answered here.</summary>
    private ExtensionType[] Answerable()
    {
        var options = handshake.Options;
        List<ExtensionType> allowed = [ExtensionType.SupportedGroups];
        AddIf(handshake.Offer.SniName is not null, ExtensionType.ServerName);
        AddIf(options.ApplicationProtocols.Count > 0, ExtensionType.Alpn);
        AddIf(options.ServerCertificateTypes is not [CertificateType.X509], ExtensionType.ServerCertificateType);
        AddIf(options.ClientCertificateTypes is not [CertificateType.X509], ExtensionType.ClientCertificateType);
        AddIf(options.Transport.RecordSizeLimit is not null, ExtensionType.RecordSizeLimit);
        AddIf(options.Transport.IsQuic, ExtensionType.QuicTransportParameters);
        AddIf(handshake.Offer.OffersEarlyData, ExtensionType.EarlyData);
        return [.. allowed];

        void AddIf(bool offered, ExtensionType type)
        {
            if (offered)
            {
                allowed.Add(type);
            }
        }
    }

    private bool TakeProtocol(Extensions extensions)
    {
        if (!extensions.TryGet(ExtensionType.Alpn, out var data))
        {
            return true;
        }

        WireReader reader = new(data);
        if (!reader.TryReadVector16(out var list) || !reader.AtEnd)
        {
            return Fail(AlertDescription.DecodeError, "a malformed ALPN");
        }

        WireReader names = new(list);
        if (!names.TryReadVector8(out var name) || !names.AtEnd)
        {
            return Fail(AlertDescription.DecodeError, "an ALPN with other than one protocol");
        }

        var protocol = Encoding.ASCII.GetString(name);
        if (!handshake.Options.ApplicationProtocols.Contains(protocol))
        {
            return Fail(AlertDescription.IllegalParameter, "an application protocol that was not offered");
        }

        handshake.ApplicationProtocol = protocol;
        handshake.Sink.Event(new TlsEvent.ProtocolSelected(protocol));
        return true;
    }

    private bool TakeTypes(Extensions extensions)
    {
        return Take(ExtensionType.ServerCertificateType, handshake.Options.ServerCertificateTypes, extensions, type => handshake.ServerCertificateType = type)
            && Take(ExtensionType.ClientCertificateType, handshake.Options.ClientCertificateTypes, extensions, type => handshake.ClientCertificateType = type);

        bool Take(ExtensionType extension, IReadOnlyList<CertificateType> offered, Extensions all, Action<CertificateType> set)
        {
            var type = CertificateType.X509;
            if (all.TryGet(extension, out var data))
            {
                if (data.Length != 1)
                {
                    return Fail(AlertDescription.DecodeError, "a malformed certificate type");
                }

                type = (CertificateType)data[0];
            }

            // A server that does not know the extension shows X.509, which a client that did not offer it does not take.
            if (!offered.Contains(type) && (extension == ExtensionType.ServerCertificateType ? kind == HandshakeKind.Full : all.Contains(extension)))
            {
                return all.Contains(extension)
                    ? Fail(AlertDescription.IllegalParameter, "a certificate type that was not offered")
                    : Fail(AlertDescription.UnsupportedCertificate, "the server does not show what we take");
            }

            set(type);
            return true;
        }
    }

    private bool TakeTransport(Extensions extensions)
    {
        if (extensions.TryGet(ExtensionType.RecordSizeLimit, out var data))
        {
            if (data.Length != 2)
            {
                return Fail(AlertDescription.DecodeError, "a malformed record_size_limit");
            }

            var limit = BinaryPrimitives.ReadUInt16BigEndian(data);
            if (limit is < 64 or > 16385)
            {
                return Fail(AlertDescription.IllegalParameter, "a record size limit out of its bounds");
            }

            handshake.PeerRecordLimit = limit - 1;
            handshake.IsRecordLimitAgreed = true;
        }

        if (handshake.Transport.IsQuic)
        {
            if (!extensions.TryGet(ExtensionType.QuicTransportParameters, out var parameters))
            {
                return Fail(AlertDescription.MissingExtension, "no transport parameters");
            }

            handshake.Sink.Event(new TlsEvent.TransportParameters(parameters.ToArray()));
        }

        return true;
    }

    private bool TakeEarlyData(Extensions extensions)
    {
        if (!extensions.TryGet(ExtensionType.EarlyData, out var data))
        {
            if (handshake.IsEarlyDataOpen)
            {
                handshake.RefuseEarlyData();
                if (!handshake.Transport.IsQuic)
                {
                    handshake.Secrets.TellHandshake(TrafficDirection.Send);
                }
            }

            return true;
        }

        if (!data.IsEmpty)
        {
            return Fail(AlertDescription.DecodeError, "a malformed early_data");
        }

        var session = handshake.Options.Session!;
        if (!isFirstPsk || session.Suite != handshake.Secrets.Suite.Suite || session.ApplicationProtocol != handshake.ApplicationProtocol)
        {
            return Fail(AlertDescription.IllegalParameter, "early data accepted for another session than the first, or under other parameters");
        }

        handshake.Sink.Event(new TlsEvent.EarlyDataDecided(true));
        handshake.EarlyDataAccepted = true;
        return true;
    }

    private bool Fail(AlertDescription alert, string reason)
    {
        handshake.Fail(alert, reason);
        return false;
    }
}
