namespace Kadath.Tests.Interop.Tls;

/// <summary>What one connection is made with, on both sides.</summary>
internal sealed record TlsSetup
{
    public const string ExporterLabel = "EXPORTER-lab";

    /// <summary>Groups by their IANA names; null for each side's own.</summary>
    public string[]? Groups { get; init; }

    /// <summary>Cipher suites by their IANA names; null for each side's own.</summary>
    public string[]? Suites { get; init; }

    /// <summary>The server's key: p256, p384, ed25519, rsa or mldsa65.</summary>
    public string Key { get; init; } = "p256";

    public bool RawPublicKeys { get; init; }

    public bool ClientCertificate { get; init; }

    public string[] Alpn { get; init; } = ["lab/1"];

    /// <summary>A second connection with the first one's ticket.</summary>
    public bool Resume { get; init; }

    public bool EarlyData { get; init; }

    /// <summary>Update keys during the transfer: whoever can, does so.</summary>
    public bool KeyUpdate { get; init; }

    public bool Exporter { get; init; }

    public bool HelloRetry { get; init; }

    /// <summary>An external key, in hexadecimal.</summary>
    public string? Psk { get; init; }

    /// <summary>Our record size limit.</summary>
    public int? RecordSizeLimit { get; init; }

    public int Bytes { get; init; } = 5;
}

/// <summary>What a peer said of a connection. Null where it says nothing.</summary>
internal sealed record TlsReport
{
    public string? Group { get; init; }

    public string? Exporter { get; init; }

    public bool? Resumed { get; init; }

    public string? Alpn { get; init; }

    public bool? EarlyData { get; init; }

    public bool? HelloRetry { get; init; }
}
