using System.Buffers.Binary;

namespace Kadath.Tls;

/// <summary>The extensions of one message, as they stand on the wire (RFC 9846 section 4.2): checked once, then looked up in place.</summary>
internal readonly ref struct Extensions
{
    private readonly ReadOnlySpan<byte> _bytes;

    private Extensions(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Takes a block of extensions; the alert says what is wrong with it: a length, too many of them, or two of one type.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Extensions extensions, out AlertDescription alert)
    {
        extensions = new(bytes);
        alert = AlertDescription.DecodeError;
        Span<ushort> seen = stackalloc ushort[HandshakeLimits.Extensions];
        var count = 0;
        WireReader reader = new(bytes);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadUInt16(out var type) || !reader.TryReadVector16(out _) || count == seen.Length)
            {
                return false;
            }

            if (seen[..count].Contains(type))
            {
                alert = AlertDescription.IllegalParameter;
                return false;
            }

            seen[count++] = type;
        }

        return true;
    }

    /// <summary>Finds an extension.</summary>
    public bool TryGet(ExtensionType type, out ReadOnlySpan<byte> data)
    {
        for (var rest = _bytes; rest.Length >= 4;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) == (ushort)type)
            {
                data = rest.Slice(4, length);
                return true;
            }

            rest = rest[(4 + length)..];
        }

        data = default;
        return false;
    }

    public bool Contains(ExtensionType type) => TryGet(type, out _);

    /// <summary>Whether an extension is the last.</summary>
    public bool IsLast(ExtensionType type) => TryGet(type, out var data) && (data.IsEmpty ? EndsWithEmpty(type) : data.Overlaps(_bytes, out var at) && data.Length - at == _bytes.Length);

    /// <summary>Whether each extension is one of those given; if not, the alert: one that is known stands in the wrong message, another answers nothing (section 4.2).</summary>
    public bool AreAmong(ReadOnlySpan<ExtensionType> allowed, out AlertDescription alert)
    {
        alert = default;
        for (var rest = _bytes; rest.Length >= 4; rest = rest[(4 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]))..])
        {
            var type = (ExtensionType)BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (!allowed.Contains(type))
            {
                alert = IsAnswerable(type) ? AlertDescription.UnsupportedExtension : AlertDescription.IllegalParameter;
                return false;
            }
        }

        return true;
    }

    // What only a ClientHello, a ServerHello or a CertificateRequest may carry is out of place elsewhere; the rest is an answer to nothing.
    private static bool IsAnswerable(ExtensionType type) => type is not (ExtensionType.KeyShare or ExtensionType.PreSharedKey or ExtensionType.SupportedVersions
        or ExtensionType.Cookie or ExtensionType.PskKeyExchangeModes or ExtensionType.SignatureAlgorithms or ExtensionType.PostHandshakeAuth);

    private bool EndsWithEmpty(ExtensionType type) => BinaryPrimitives.ReadUInt32BigEndian(_bytes[^4..]) == (uint)type << 16;
}
