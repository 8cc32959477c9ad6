namespace Kadath.Tls;

/// <summary>A ServerHello or HelloRetryRequest as it stands on the wire (RFC 9846 sections 4.1.3 and 4.1.4).</summary>
internal readonly ref struct ServerHello
{
    private ServerHello(ReadOnlySpan<byte> random, ReadOnlySpan<byte> sessionId, CipherSuite suite, Extensions extensions)
    {
        Random = random;
        SessionId = sessionId;
        Suite = suite;
        Extensions = extensions;
    }

    /// <summary>The random by which a HelloRetryRequest is known: SHA-256 of "HelloRetryRequest".</summary>
    public static ReadOnlySpan<byte> RetryRandom =>
    [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ];

    public ReadOnlySpan<byte> Random { get; }

    public ReadOnlySpan<byte> SessionId { get; }

    public CipherSuite Suite { get; }

    public Extensions Extensions { get; }

    public bool IsRetry => Random.SequenceEqual(RetryRandom);

    /// <summary>Reads the shape, and refuses servers of older versions, with or without the sentinel of a downgrade.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ServerHello hello, out AlertDescription alert)
    {
        hello = default;
        alert = AlertDescription.DecodeError;
        WireReader reader = new(body);
        if (!reader.TryReadUInt16(out var version) || !reader.TryReadBytes(ClientHello.RandomBytes, out var random) || !reader.TryReadVector8(out var sessionId)
            || sessionId.Length > 32 || !reader.TryReadUInt16(out var suite) || !reader.TryReadUInt8(out var compression))
        {
            return false;
        }

        ReadOnlySpan<byte> extensionBytes = default;
        if (!reader.AtEnd && (!reader.TryReadVector16(out extensionBytes) || !reader.AtEnd))
        {
            return false;
        }

        if (!Extensions.TryParse(extensionBytes, out var extensions, out alert))
        {
            return false;
        }

        if (!extensions.TryGet(ExtensionType.SupportedVersions, out var selected))
        {
            // A server that could do better but was talked down says so in its random (section 4.1.3).
            alert = HasDowngradeSentinel(random) ? AlertDescription.IllegalParameter : AlertDescription.ProtocolVersion;
            return false;
        }

        hello = new(random, sessionId, (CipherSuite)suite, extensions);
        alert = selected.Length == 2 ? AlertDescription.IllegalParameter : AlertDescription.DecodeError;
        return version == Versions.Tls12 && compression == 0 && selected is [3, 4];
    }

    private static bool HasDowngradeSentinel(ReadOnlySpan<byte> random) => random.EndsWith("DOWNGRD\x01"u8) || random.EndsWith("DOWNGRD\x00"u8);
}
