using System.Text;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>Writes the messages that only a server sends.</summary>
internal static class ServerMessages
{
    public static void WriteHello(
        WireWriter writer, KeyEntropy entropy, ReadOnlySpan<byte> sessionId, CipherSuite suite, NamedGroup group, ReadOnlySpan<byte> share, int? psk)
    {
        var message = writer.BeginMessage(HandshakeType.ServerHello);
        writer.UInt16(Versions.Tls12);
        entropy.Fill(writer.Reserve(ClientHello.RandomBytes));
        writer.Vector8(sessionId);
        writer.UInt16((ushort)suite);
        writer.UInt8(0);
        var extensions = writer.Begin(2);
        var extension = writer.BeginExtension(ExtensionType.SupportedVersions);
        writer.UInt16(Versions.Tls13);
        writer.End(extension, 2);
        extension = writer.BeginExtension(ExtensionType.KeyShare);
        writer.UInt16((ushort)group);
        writer.Vector16(share);
        writer.End(extension, 2);
        if (psk is { } index)
        {
            extension = writer.BeginExtension(ExtensionType.PreSharedKey);
            writer.UInt16((ushort)index);
            writer.End(extension, 2);
        }

        writer.End(extensions, 2);
        writer.End(message, 3);
    }

    public static void WriteEncryptedExtensions(ServerHandshake handshake, ClientTerms terms, Credential? credential, bool asksClient, bool acceptsEarlyData)
    {
        var writer = handshake.Outgoing;
        var message = writer.BeginMessage(HandshakeType.EncryptedExtensions);
        var extensions = writer.Begin(2);
        if (terms.Protocol is { } protocol)
        {
            var extension = writer.BeginExtension(ExtensionType.Alpn);
            var list = writer.Begin(2);
            writer.Vector8(Encoding.ASCII.GetBytes(protocol));
            writer.End(list, 2);
            writer.End(extension, 2);
        }

        if (terms.AnswersServerType && credential is not null)
        {
            WriteType(writer, ExtensionType.ServerCertificateType, CredentialNeeded.TypeOf(credential));
        }

        if (terms.AnswersClientType && asksClient)
        {
            WriteType(writer, ExtensionType.ClientCertificateType, terms.ClientTypes[0]);
        }

        if (terms.RecordSizeLimit > 0 && handshake.Transport.RecordSizeLimit is { } limit)
        {
            var extension = writer.BeginExtension(ExtensionType.RecordSizeLimit);
            writer.UInt16((ushort)limit);
            writer.End(extension, 2);
        }

        if (acceptsEarlyData)
        {
            writer.End(writer.BeginExtension(ExtensionType.EarlyData), 2);
        }

        if (handshake.Transport.IsQuic)
        {
            writer.UInt16((ushort)ExtensionType.QuicTransportParameters);
            writer.Vector16(handshake.Transport.QuicParameters.Span);
        }

        writer.End(extensions, 2);
        writer.End(message, 3);
    }

    public static void WriteCertificateRequest(WireWriter writer, TlsPolicy policy)
    {
        var message = writer.BeginMessage(HandshakeType.CertificateRequest);
        writer.Vector8([]);
        var extensions = writer.Begin(2);
        var extension = writer.BeginExtension(ExtensionType.SignatureAlgorithms);
        var list = writer.Begin(2);
        foreach (var scheme in policy.Signatures.Where(policy.Allows))
        {
            writer.UInt16((ushort)scheme);
        }

        writer.End(list, 2);
        writer.End(extension, 2);
        writer.End(extensions, 2);
        writer.End(message, 3);
    }

    private static void WriteType(WireWriter writer, ExtensionType extension, CertificateType type)
    {
        var start = writer.BeginExtension(extension);
        writer.UInt8((byte)type);
        writer.End(start, 2);
    }
}
