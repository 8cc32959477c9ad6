using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>
/// Reads the forms in which people write down what to look for: info-hashes as 40 hexadecimal or 32 base32 digits, v2 hashes
/// (64 digits, with or without multihash prefix, truncated to 20 bytes: BEP 52), magnet links (BEP 9), and links to mutable torrents (BEP 46).
/// </summary>
public static class TorrentLinks
{
    /// <summary>Longest link that is looked at: magnet links with many trackers stay below it.</summary>
    public const int MaxLength = 16 * 1024;

    private const string Base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Parses an info-hash or a magnet link that holds one; of a hybrid torrent's two hashes the v1 hash wins.</summary>
    public static bool TryParseInfoHash(ReadOnlySpan<char> text, out Id160 infoHash)
    {
        infoHash = default;
        text = text.Trim();
        if (text.Length > MaxLength)
        {
            return false;
        }

        if (!text.StartsWith("magnet:?", StringComparison.OrdinalIgnoreCase))
        {
            return TryParseV1(text, out infoHash) || TryParseV2(text, out infoHash);
        }

        bool found = false;
        foreach (Range part in text[8..].Split('&'))
        {
            ReadOnlySpan<char> parameter = text[8..][part];
            if (TryTopic(parameter, "urn:btih:", out ReadOnlySpan<char> v1) && TryParseV1(v1, out Id160 hash))
            {
                infoHash = hash;
                return true;
            }

            if (!found && TryTopic(parameter, "urn:btmh:", out ReadOnlySpan<char> v2) && TryParseV2(v2, out hash))
            {
                infoHash = hash;
                found = true;
            }
        }

        return found;
    }

    /// <summary>Parses <c>magnet:?xs=urn:btpk:KEY&amp;s=SALT</c> (BEP 46), or a bare public key of 64 hexadecimal digits without salt.</summary>
    /// <param name="text">The link or key.</param>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="salt">At most 64 bytes; empty without a salt.</param>
    public static bool TryParsePublicKey(ReadOnlySpan<char> text, out byte[] publicKey, out byte[] salt)
    {
        publicKey = salt = [];
        text = text.Trim();
        if (text.Length > MaxLength)
        {
            return false;
        }

        if (!text.StartsWith("magnet:?", StringComparison.OrdinalIgnoreCase))
        {
            return TryHex(text, 32, 32, out publicKey);
        }

        bool saltIsValid = true;
        foreach (Range part in text[8..].Split('&'))
        {
            ReadOnlySpan<char> parameter = text[8..][part];
            if (parameter.StartsWith("xs=urn:btpk:", StringComparison.OrdinalIgnoreCase))
            {
                TryHex(parameter[12..], 32, 32, out publicKey);
            }
            else if (parameter.StartsWith("s=", StringComparison.OrdinalIgnoreCase))
            {
                saltIsValid = TryHex(parameter[2..], 0, 64, out salt);
            }
        }

        return publicKey.Length == 32 && saltIsValid;
    }

    /// <summary>The link that <see cref="TryParsePublicKey"/> reads.</summary>
    public static string FormatPublicKey(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> salt) =>
        "magnet:?xs=urn:btpk:" + Convert.ToHexStringLower(publicKey) + (salt.IsEmpty ? "" : "&s=" + Convert.ToHexStringLower(salt));

    private static bool TryTopic(ReadOnlySpan<char> parameter, string urn, out ReadOnlySpan<char> hash)
    {
        hash = default;
        int equals = parameter.IndexOf('=');
        // A magnet link may number its topics: xt.1=…&xt.2=…
        bool topic = equals >= 2 && parameter.StartsWith("xt", StringComparison.OrdinalIgnoreCase) && (equals == 2 || parameter[2] == '.');
        if (!topic)
        {
            return false;
        }

        ReadOnlySpan<char> value = parameter[(equals + 1)..];
        string decoded = value.Contains('%') ? Uri.UnescapeDataString(value.ToString()) : "";
        value = decoded.Length > 0 ? decoded : value;
        if (!value.StartsWith(urn, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        hash = value[urn.Length..];
        return true;
    }

    private static bool TryParseV1(ReadOnlySpan<char> text, out Id160 hash)
    {
        Span<byte> bytes = stackalloc byte[20];
        if (text.Length == 32 && TryBase32(text, bytes))
        {
            hash = Id160.Read(bytes);
            return true;
        }

        return NodeIds.TryParseHex(text, out hash);
    }

    private static bool TryParseV2(ReadOnlySpan<char> text, out Id160 hash)
    {
        // 0x12 0x20: the multihash prefix of a SHA-256 of 32 bytes.
        text = text.Length == 68 && text.StartsWith("1220", StringComparison.Ordinal) ? text[4..] : text;
        bool ok = TryHex(text, 32, 32, out byte[] bytes);
        hash = ok ? Id160.Read(bytes) : default;
        return ok;
    }

    private static bool TryHex(ReadOnlySpan<char> text, int least, int most, out byte[] bytes)
    {
        bytes = new byte[Math.Min(text.Length / 2, most)];
        bool ok = text.Length % 2 == 0 && text.Length / 2 >= least && text.Length / 2 <= most
            && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        bytes = ok ? bytes : [];
        return ok;
    }

    private static bool TryBase32(ReadOnlySpan<char> text, Span<byte> destination)
    {
        ulong window = 0;
        int bits = 0, written = 0;
        foreach (char digit in text)
        {
            int value = Base32Digits.IndexOf(char.ToUpperInvariant(digit), StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            window = (window << 5) | (uint)value;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                destination[written++] = (byte)(window >> bits);
            }
        }

        return written == destination.Length;
    }
}
