namespace Kadath.Tls;

/// <summary>Certificate and CertificateVerify (RFC 9846 sections 4.4.2 and 4.4.3), the same in both directions.</summary>
internal static class CertificateMessages
{
    // The content that is signed: 64 spaces, context string, zero, transcript hash.
    private const int MaxContent = 64 + 33 + 1 + SuiteParameters.MaxHashBytes;

    private static ReadOnlySpan<byte> ServerContext => "TLS 1.3, server CertificateVerify"u8;

    private static ReadOnlySpan<byte> ClientContext => "TLS 1.3, client CertificateVerify"u8;

    /// <summary>Writes a Certificate message; without a credential an empty one.</summary>
    public static void Write(WireWriter writer, Credential? credential, ReadOnlySpan<byte> requestContext)
    {
        var message = writer.BeginMessage(HandshakeType.Certificate);
        writer.Vector8(requestContext);
        var list = writer.Begin(3);
        if (credential is { IsRawPublicKey: true })
        {
            WriteEntry(writer, credential.Key.PublicKeyInfo.Span);
        }

        for (var i = 0; i < (credential?.Chain.Count ?? 0); i++)
        {
            WriteEntry(writer, credential!.Chain[i].Span);
        }

        writer.End(list, 3);
        writer.End(message, 3);
    }

    /// <summary>Reads a Certificate message.</summary>
    /// <param name="body">The message's body.</param>
    /// <param name="type">What its entries are.</param>
    /// <param name="requestContext">What the request's context was.</param>
    /// <param name="entries">The entries; none if the peer shows nothing.</param>
    /// <param name="alert">What is wrong.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, CertificateType type, ReadOnlySpan<byte> requestContext, out List<ReadOnlyMemory<byte>> entries, out AlertDescription alert)
    {
        entries = [];
        alert = AlertDescription.DecodeError;
        WireReader reader = new(body);
        if (!reader.TryReadVector8(out var context) || !reader.TryReadVector24(out var list) || !reader.AtEnd)
        {
            return false;
        }

        for (WireReader items = new(list); !items.AtEnd;)
        {
            if (!items.TryReadVector24(out var entry) || entry.IsEmpty || !items.TryReadVector16(out var extensionBytes))
            {
                return false;
            }

            if (!Extensions.TryParse(extensionBytes, out var extensions, out alert))
            {
                return false;
            }

            // We ask for no status and no timestamps.
            if (!extensions.AreAmong([], out alert))
            {
                return false;
            }

            alert = AlertDescription.BadCertificate;
            if (entries.Count == (type == CertificateType.X509 ? HandshakeLimits.Chain : 1))
            {
                return false;
            }

            entries.Add(entry.ToArray());
            alert = AlertDescription.DecodeError;
        }

        alert = AlertDescription.IllegalParameter;
        return context.SequenceEqual(requestContext);
    }

    /// <summary>What a CertificateVerify signs.</summary>
    public static byte[] Content(bool byServer, ReadOnlySpan<byte> transcriptHash)
    {
        Span<byte> content = stackalloc byte[MaxContent];
        content[..64].Fill(0x20);
        var context = byServer ? ServerContext : ClientContext;
        context.CopyTo(content[64..]);
        content[64 + context.Length] = 0;
        transcriptHash.CopyTo(content[(65 + context.Length)..]);
        return content[..(65 + context.Length + transcriptHash.Length)].ToArray();
    }

    public static void WriteVerify(WireWriter writer, SignatureScheme scheme, ReadOnlySpan<byte> signature)
    {
        var message = writer.BeginMessage(HandshakeType.CertificateVerify);
        writer.UInt16((ushort)scheme);
        writer.Vector16(signature);
        writer.End(message, 3);
    }

    public static bool TryReadVerify(ReadOnlySpan<byte> body, out SignatureScheme scheme, out ReadOnlySpan<byte> signature)
    {
        WireReader reader = new(body);
        signature = default;
        var ok = reader.TryReadUInt16(out var number) && reader.TryReadVector16(out signature) && reader.AtEnd;
        scheme = (SignatureScheme)number;
        return ok;
    }

    private static void WriteEntry(WireWriter writer, ReadOnlySpan<byte> entry)
    {
        var start = writer.Begin(3);
        writer.Bytes(entry);
        writer.End(start, 3);
        writer.UInt16(0);
    }
}
