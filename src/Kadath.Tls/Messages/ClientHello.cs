namespace Kadath.Tls;

/// <summary>A ClientHello as it stands on the wire (RFC 9846 section 4.1.2).</summary>
internal readonly ref struct ClientHello
{
    /// <summary>Bytes of a random.</summary>
    public const int RandomBytes = 32;

    private ClientHello(ReadOnlySpan<byte> random, ReadOnlySpan<byte> sessionId, CodePoints suites, Extensions extensions)
    {
        Random = random;
        SessionId = sessionId;
        Suites = suites;
        Extensions = extensions;
    }

    public ReadOnlySpan<byte> Random { get; }

    public ReadOnlySpan<byte> SessionId { get; }

    public CodePoints Suites { get; }

    public Extensions Extensions { get; }

    /// <summary>Reads the shape, and refuses clients of older versions; what the extensions say is judged where they are used.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ClientHello hello, out AlertDescription alert)
    {
        hello = default;
        alert = AlertDescription.DecodeError;
        WireReader reader = new(body);
        if (!reader.TryReadUInt16(out _) || !reader.TryReadBytes(RandomBytes, out var random) || !reader.TryReadVector8(out var sessionId) || sessionId.Length > 32
            || !reader.TryReadVector16(out var suiteBytes) || !CodePoints.TryParse(suiteBytes, out var suites)
            || !reader.TryReadVector8(out var compression) || compression.IsEmpty)
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

        hello = new(random, sessionId, suites, extensions);
        alert = AlertDescription.ProtocolVersion;
        if (!OffersTls13(extensions, ref alert))
        {
            return false;
        }

        alert = AlertDescription.IllegalParameter;
        return compression is [0];
    }

    private static bool OffersTls13(Extensions extensions, ref AlertDescription alert)
    {
        if (!extensions.TryGet(ExtensionType.SupportedVersions, out var data))
        {
            return false;
        }

        WireReader reader = new(data);
        if (!reader.TryReadVector8(out var list) || !reader.AtEnd || !CodePoints.TryParse(list, out var versions))
        {
            alert = AlertDescription.DecodeError;
            return false;
        }

        return versions.Contains(Versions.Tls13);
    }

    /// <summary>A list of code points with a length of two bytes; empty if the extension is absent; false for one that is malformed.</summary>
    public bool TryGetList(ExtensionType type, out CodePoints list)
    {
        list = default;
        if (!Extensions.TryGet(type, out var data))
        {
            return true;
        }

        WireReader reader = new(data);
        return reader.TryReadVector16(out var bytes) && reader.AtEnd && CodePoints.TryParse(bytes, out list);
    }

    /// <summary>The host name of server_name (RFC 6066 section 3): empty if the extension is absent; false for one that is malformed.</summary>
    public bool TryGetServerName(out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!Extensions.TryGet(ExtensionType.ServerName, out var data))
        {
            return true;
        }

        WireReader reader = new(data);
        if (!reader.TryReadVector16(out var list) || !reader.AtEnd || list.IsEmpty)
        {
            return false;
        }

        for (WireReader names = new(list); !names.AtEnd;)
        {
            if (!names.TryReadUInt8(out var type) || !names.TryReadVector16(out var value) || value.IsEmpty || (type == 0 && !name.IsEmpty))
            {
                return false;
            }

            name = type == 0 ? value : name;
        }

        return name.Length <= 255 && !name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e);
    }

    /// <summary>The shares; false for a list that is malformed.</summary>
    public bool TryGetShares(out KeyShares shares)
    {
        shares = default;
        if (!Extensions.TryGet(ExtensionType.KeyShare, out var data))
        {
            return true;
        }

        WireReader reader = new(data);
        return reader.TryReadVector16(out var list) && reader.AtEnd && KeyShares.TryParse(list, out shares);
    }
}

/// <summary>The client's key shares (RFC 9846 section 4.2.8).</summary>
internal readonly ref struct KeyShares
{
    // A client sends one or two; nobody has use for more than the groups that exist, GREASE and strangers included.
    private const int MaxShares = 16;

    private readonly ReadOnlySpan<byte> _bytes;

    private KeyShares(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static bool TryParse(ReadOnlySpan<byte> bytes, out KeyShares shares)
    {
        shares = new(bytes);
        var count = 0;
        for (WireReader reader = new(bytes); !reader.AtEnd; count++)
        {
            if (count == MaxShares || !reader.TryReadUInt16(out _) || !reader.TryReadVector16(out var share) || share.IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether there is a group twice.</summary>
    public bool HasGroupTwice
    {
        get
        {
            Span<ushort> seen = stackalloc ushort[MaxShares];
            var count = 0;
            for (WireReader reader = new(_bytes); reader.TryReadUInt16(out var group) && reader.TryReadVector16(out _);)
            {
                if (seen[..count].Contains(group))
                {
                    return true;
                }

                seen[count++] = group;
            }

            return false;
        }
    }

    public int Count
    {
        get
        {
            var count = 0;
            for (WireReader reader = new(_bytes); reader.TryReadUInt16(out _) && reader.TryReadVector16(out _);)
            {
                count++;
            }

            return count;
        }
    }

    public bool TryGet(NamedGroup group, out ReadOnlySpan<byte> share)
    {
        for (WireReader reader = new(_bytes); reader.TryReadUInt16(out var name) && reader.TryReadVector16(out share);)
        {
            if (name == (ushort)group)
            {
                return true;
            }
        }

        share = default;
        return false;
    }

    /// <summary>Whether each share is of a group of the list.</summary>
    public bool AreAmong(CodePoints groups)
    {
        for (WireReader reader = new(_bytes); reader.TryReadUInt16(out var name) && reader.TryReadVector16(out _);)
        {
            if (!groups.Contains(name))
            {
                return false;
            }
        }

        return true;
    }
}
