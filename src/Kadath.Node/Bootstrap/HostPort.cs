using System.Globalization;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>A bootstrap endpoint as people write it: a name or an address, and a port.</summary>
/// <param name="Host">The name, or an address without brackets.</param>
/// <param name="Port">The port, 1 to 65535.</param>
/// <param name="Literal">The endpoint if the host is an address, so that no name need be resolved; else none.</param>
public readonly record struct HostPort(string Host, ushort Port, Endpoint Literal)
{
    /// <summary>Parses HOST:PORT, ADDRESS:PORT or [ADDRESS]:PORT.</summary>
    public static bool TryParse(string? text, out HostPort result)
    {
        result = default;
        int colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            return false;
        }

        if (Endpoint.TryParse(text, out Endpoint literal))
        {
            result = new(literal.AddressText(), port, literal);
            return true;
        }

        string host = text![..colon];
        bool name = Uri.CheckHostName(host) == UriHostNameType.Dns;
        result = name ? new(host, port, default) : default;
        return name;
    }

    /// <inheritdoc/>
    public override string ToString() => Literal.IsValid ? Literal.ToString() : $"{Host}:{Port}";
}
