using System.Net;

namespace Kadath.Tls;

/// <summary>
/// Whether a certificate is for the host that was dialled (RFC 9525). Only subjectAltName counts, never the common name; a wildcard is
/// the whole left-most label and stands for exactly one label; an address is compared as an address.
/// </summary>
public static class HostNames
{
    // RFC 1035 section 2.3.4.
    private const int MaxName = 253;
    private const int MaxLabel = 63;

    /// <summary>Whether one of the certificate's names is <paramref name="host"/>.</summary>
    /// <param name="certificate">The peer's certificate.</param>
    /// <param name="host">A DNS name (A-labels; a final dot is ignored) or an IP address, IPv6 with or without brackets.</param>
    public static bool Matches(in CertificateView certificate, ReadOnlySpan<char> host)
    {
        if (host.Length > 2 && host[0] == '[' && host[^1] == ']')
        {
            host = host[1..^1];
        }

        SubjectNames names = certificate.Names;
        if (IsAddress(host, out IPAddress? address))
        {
            Span<byte> bytes = stackalloc byte[16];
            bytes = address!.TryWriteBytes(bytes, out int length) ? bytes[..length] : default;
            while (names.TryNext(out SubjectNameKind kind, out ReadOnlySpan<byte> name))
            {
                if (kind == SubjectNameKind.Address && name.SequenceEqual(bytes))
                {
                    return true;
                }
            }

            return false;
        }

        Span<byte> wanted = stackalloc byte[MaxName];
        if (!TryReference(host, wanted, out int count))
        {
            return false;
        }

        while (names.TryNext(out SubjectNameKind kind, out ReadOnlySpan<byte> name))
        {
            if (kind == SubjectNameKind.Dns && MatchesPattern(name, wanted[..count]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a host is written as an address, which is never sent as a server name (RFC 6066 section 3).</summary>
    public static bool IsAddress(ReadOnlySpan<char> host, out IPAddress? address)
    {
        if (host.Length > 2 && host[0] == '[' && host[^1] == ']')
        {
            host = host[1..^1];
        }

        address = null;

        // IPAddress also takes "1" and "0x7f.1", which nobody means as an address in a name.
        int dots = host.Count('.');
        return (host.Contains(':') || (dots == 3 && !host.ContainsAnyExcept("0123456789."))) && IPAddress.TryParse(host, out address);
    }

    /// <summary>Whether a host can be a DNS name: labels of letters, digits, hyphens and underscores.</summary>
    public static bool IsDnsName(ReadOnlySpan<char> host) => TryReference(host, stackalloc byte[MaxName], out _);

    private static bool TryReference(ReadOnlySpan<char> host, Span<byte> lower, out int count)
    {
        if (host is [.., '.'])
        {
            host = host[..^1];
        }

        count = host.Length;
        if (host.IsEmpty || host.Length > lower.Length)
        {
            return false;
        }

        int label = 0;
        for (int i = 0; i < host.Length; i++)
        {
            char next = host[i];
            label = next == '.' ? 0 : label + 1;
            if (!(char.IsAsciiLetterOrDigit(next) || next is '-' or '_' || (next == '.' && i > 0 && host[i - 1] != '.')) || label > MaxLabel)
            {
                return false;
            }

            lower[i] = (byte)char.ToLowerInvariant(next);
        }

        return label > 0;
    }

    private static bool MatchesPattern(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> lowerHost)
    {
        if (!pattern.StartsWith("*."u8))
        {
            return EqualsIgnoringCase(pattern, lowerHost);
        }

        // "*.org" would speak for everybody: a wildcard needs two labels below it.
        ReadOnlySpan<byte> below = pattern[1..];
        int dot = lowerHost.IndexOf((byte)'.');
        return below[1..].Contains((byte)'.') && dot > 0 && EqualsIgnoringCase(below, lowerHost[dot..]);
    }

    private static bool EqualsIgnoringCase(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lowerHost)
    {
        if (name.Length != lowerHost.Length)
        {
            return false;
        }

        for (int i = 0; i < name.Length; i++)
        {
            int letter = name[i] is >= (byte)'A' and <= (byte)'Z' ? name[i] | 0x20 : name[i];
            if (letter != lowerHost[i])
            {
                return false;
            }
        }

        return true;
    }
}
