using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kadath.Cli.Tls;

/// <summary>A server listens.</summary>
internal sealed record ListeningLine(string Event, string Host, int Port, string SpkiSha256, string? Certificate)
{
    /// <summary>The pin of the key that is shown, and the certificate in PEM unless it is a raw key.</summary>
    public static ListeningLine At(string host, int port, string pin, string? certificate) => new("listening", host, port, pin, certificate);
}

/// <summary>What a peer showed.</summary>
/// <param name="Type">x509 or rawPublicKey.</param>
/// <param name="SpkiSha256">The pin of its key.</param>
/// <param name="Subject">The certificate's subject; null for a raw key.</param>
/// <param name="Verified">Whether the key is trusted; that the peer holds it has been checked always.</param>
/// <param name="State">Why: chain, pinned, verified; unauthenticated where nobody checked.</param>
internal sealed record PeerLine(string Type, string SpkiSha256, string? Subject, bool Verified, string State);

/// <summary>Key updates of one connection.</summary>
internal sealed record KeyUpdateLine(int Sent, int Received);

/// <summary>A connection that was made, when it has ended.</summary>
internal sealed record HandshakeLine
{
    public string Event { get; } = "handshake";

    public required string Group { get; init; }

    public required string Suite { get; init; }

    /// <summary>The scheme of the server's signature; null where it made none.</summary>
    public required string? Signature { get; init; }

    /// <summary>full, resumed or psk.</summary>
    public required string Kind { get; init; }

    public required bool HelloRetry { get; init; }

    /// <summary>none, accepted or rejected.</summary>
    public required string EarlyData { get; init; }

    public required string? Alpn { get; init; }

    public required string? Sni { get; init; }

    public required PeerLine? Peer { get; init; }

    /// <summary>32 bytes of the exporter with the label asked for and an empty context, in hexadecimal.</summary>
    public required string Exporter { get; init; }

    public required KeyUpdateLine KeyUpdates { get; init; }

    public required long BytesIn { get; init; }

    public required long BytesOut { get; init; }

    /// <summary>How long the handshake took.</summary>
    public required double Milliseconds { get; init; }
}

/// <summary>A connection that was not made, or broke.</summary>
/// <param name="Event">refused.</param>
/// <param name="By">us, peer or network.</param>
/// <param name="Alert">The alert's name; null without one.</param>
/// <param name="Reason">In words.</param>
internal sealed record RefusedLine(string Event, string By, string? Alert, string Reason);

/// <summary>The end of several connections.</summary>
internal sealed record SummaryLine
{
    public string Event { get; } = "summary";

    public required int Handshakes { get; init; }

    public required int Errors { get; init; }

    /// <summary>How many of each kind.</summary>
    public required SortedDictionary<string, int> Kinds { get; init; }

    public required double HandshakesPerSecond { get; init; }

    public required double MedianMs { get; init; }

    public required double P99Ms { get; init; }

    /// <summary>CPU time of this process for each connection.</summary>
    public required double CpuMicroseconds { get; init; }
}

/// <summary>A primitive on this processor.</summary>
/// <param name="Event">primitive.</param>
/// <param name="Primitive">Its common name.</param>
/// <param name="Fill">Where its code comes from: managed, bcl or libcrypto.</param>
/// <param name="Operation">What was measured.</param>
/// <param name="Microseconds">Time of one call.</param>
internal sealed record PrimitiveLine(string Event, string Primitive, string Fill, string Operation, double Microseconds);

/// <summary>Writes the lines, with code generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ListeningLine))]
[JsonSerializable(typeof(HandshakeLine))]
[JsonSerializable(typeof(RefusedLine))]
[JsonSerializable(typeof(SummaryLine))]
[JsonSerializable(typeof(PrimitiveLine))]
internal sealed partial class TlsJson : JsonSerializerContext
{
    // As in the other commands: what only matters inside HTML is not escaped.
    private static readonly TlsJson Relaxed = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase });

    public static string Line(object value) => JsonSerializer.Serialize(value, Relaxed.GetTypeInfo(value.GetType())!);
}
