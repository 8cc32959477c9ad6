using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Cli;

/// <summary>Reads what people write for info-hashes, targets, keys, endpoints and times. What cannot be read is a usage error with a hint.</summary>
internal static class Targets
{
    private const string HashHint = "40 hex digits, 32 base32 characters, a v2 hash of 64 hex digits, or a magnet link";

    /// <summary>An info-hash in any of its forms.</summary>
    public static Id160 InfoHash(string text) =>
        TorrentLinks.TryParseInfoHash(text, out Id160 hash) ? hash : throw CliException.Usage($"'{Show(text)}' is no info-hash", HashHint);

    /// <summary>A node id or another target of a search.</summary>
    public static Id160 NodeId(string text) =>
        TorrentLinks.TryParseInfoHash(text, out Id160 id) ? id : throw CliException.Usage($"'{Show(text)}' is no target", HashHint);

    /// <summary>The target of an item, with the key and salt where they are known: 40 hex digits, a public key, or a link of BEP 46.</summary>
    public static (Id160 Target, byte[] PublicKey, byte[] Salt) Item(string text, byte[]? salt)
    {
        if (TorrentLinks.TryParsePublicKey(text, out byte[] key, out byte[] linkSalt))
        {
            linkSalt = salt ?? linkSalt;
            return (MutableTarget(key, linkSalt), key, linkSalt);
        }

        return TorrentLinks.TryParseInfoHash(text, out Id160 target)
            ? (target, [], salt ?? [])
            : throw CliException.Usage($"'{Show(text)}' is no target of an item", "40 hex digits as put prints them, a public key of 64 hex digits, or magnet:?xs=urn:btpk:KEY&s=SALT");
    }

    /// <summary>A publisher's key and salt: 64 hex digits or a link of BEP 46.</summary>
    public static (byte[] PublicKey, byte[] Salt) Publisher(string text, byte[]? salt) =>
        TorrentLinks.TryParsePublicKey(text, out byte[] key, out byte[] linkSalt)
            ? (key, salt ?? linkSalt)
            : throw CliException.Usage($"'{Show(text)}' is no public key", "64 hex digits, or magnet:?xs=urn:btpk:KEY&s=SALT");

    /// <summary>Where a mutable item is stored: SHA-1 of key and salt (BEP 44).</summary>
    public static Id160 MutableTarget(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> salt)
    {
        Span<byte> digest = stackalloc byte[20];
#pragma warning disable CA5350 // BEP 44 is defined with SHA-1.
        SHA1.HashData([.. publicKey, .. salt], digest);
#pragma warning restore CA5350
        return Id160.Read(digest);
    }

    /// <summary>An endpoint: ADDRESS:PORT, [ADDRESS]:PORT, or HOST:PORT, which alone is resolved.</summary>
    public static async Task<Endpoint> EndpointAsync(string text, CancellationToken cancellationToken)
    {
        if (Endpoint.TryParse(text, out Endpoint endpoint) && endpoint.Port != 0)
        {
            return endpoint;
        }

        CheckHostPort(text);
        int colon = text.LastIndexOf(':');
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(text[..colon], cancellationToken);
            IPAddress? first = addresses.FirstOrDefault(static a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault();
            if (first is not null && Endpoint.TryParseAddress(first.ToString(), ushort.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture), out endpoint))
            {
                return endpoint;
            }
        }
        catch (SocketException e)
        {
            throw new CliException(ErrorCodes.NoAnswer, $"'{Show(text[..colon])}' cannot be resolved: {e.Message}", "is the name right, and the network up?");
        }

        throw new CliException(ErrorCodes.NoAnswer, $"'{Show(text[..colon])}' has no address", "is the name right?");
    }

    /// <summary>Throws unless the text can be HOST:PORT; nothing is resolved.</summary>
    public static void CheckHostPort(string text)
    {
        int colon = text.LastIndexOf(':');
        bool port = colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number != 0;
        ReadOnlySpan<char> host = colon > 0 ? text.AsSpan(0, colon) : default;
        bool literal = Endpoint.TryParse(text, out _);
        if (!port || (!literal && (host.Length > 253 || host.IndexOfAnyExcept(HostCharacters) >= 0)))
        {
            throw CliException.Usage($"'{Show(text)}' is no endpoint", "HOST:PORT, such as 127.0.0.1:6881, [::1]:6881 or dht.example.org:6881");
        }
    }

    /// <summary>An address to bind, with or without port.</summary>
    public static Endpoint Bind(string text, ushort port)
    {
        bool ok = Endpoint.TryParse(text, out Endpoint endpoint) || Endpoint.TryParseAddress(text.AsSpan().TrimStart('[').TrimEnd(']'), port, out endpoint);
        return ok ? endpoint : throw CliException.Usage($"'{Show(text)}' is no address to bind", "an address of this machine, such as 127.0.0.1, ::1, 0.0.0.0 or 192.168.1.5:6881");
    }

    /// <summary>Seconds, or a number with ms, s, m or h.</summary>
    public static TimeSpan Duration(string text)
    {
        (string digits, double unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1),
            _ when text.EndsWith('s') => (text[..^1], 1000),
            _ when text.EndsWith('m') => (text[..^1], 60_000),
            _ when text.EndsWith('h') => (text[..^1], 3_600_000),
            _ => (text, 1000.0),
        };
        bool ok = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        double milliseconds = number * unit;
        return ok && milliseconds is >= 1 and <= 86_400_000
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw CliException.Usage($"'{Show(text)}' is no duration", "seconds, or a number with ms, s, m or h, from 1ms to 24h");
    }

    /// <summary>The user's words, fit to be shown in a line.</summary>
    public static string Show(string text) => Printable.Line(text, 80);

    private static readonly System.Buffers.SearchValues<char> HostCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
}
