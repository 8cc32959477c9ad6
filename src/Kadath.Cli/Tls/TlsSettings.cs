using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Cli.Tls;

/// <summary>What the options of a command line mean.</summary>
internal sealed class TlsSettings : IDisposable
{
    private static readonly char[] Separators = [','];

    private TlsSettings()
    {
    }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required TlsPolicy Policy { get; init; }

    public required IReadOnlyList<string> Protocols { get; init; }

    /// <summary>The credential that was given or made; null where a client gave none.</summary>
    public required Credential? Credential { get; init; }

    public required IReadOnlyList<CertificateType> CertificateTypes { get; init; }

    public required TlsTrust Trust { get; init; }

    public required ExternalPsk? Psk { get; init; }

    public required bool EarlyData { get; init; }

    public required string Tickets { get; init; }

    public required int KeyUpdate { get; init; }

    public required int? RecordSizeLimit { get; init; }

    public required string Exporter { get; init; }

    public required KeyLogFile? KeyLog { get; init; }

    public static TlsSettings Read(TlsCommandOptions options, ParseResult parse, bool server)
    {
        (string host, int port) = ReadTarget(parse.GetRequiredValue(options.Target), server);
        bool raw = parse.GetValue(options.RawPublicKeys);
        return new TlsSettings
        {
            Host = host,
            Port = port,
            Policy = ReadPolicy(options, parse),
            Protocols = parse.GetValue(options.Alpn)?.Split(Separators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            Credential = ReadCredential(options, parse, raw, server),
            CertificateTypes = raw ? [CertificateType.RawPublicKey] : [CertificateType.X509],
            Trust = ReadTrust(options, parse),
            Psk = ReadPsk(options, parse, server ? PskRole.Server : PskRole.Client),
            EarlyData = parse.GetValue(options.EarlyData),
            Tickets = ReadTickets(options, parse),
            KeyUpdate = AtLeast(parse.GetValue(options.KeyUpdate), 0, "--key-update"),
            RecordSizeLimit = parse.GetValue(options.RecordSizeLimit),
            Exporter = parse.GetRequiredValue(options.Exporter),
            KeyLog = parse.GetValue(options.KeyLog) is { } path ? new KeyLogFile(path) : null,
        };
    }

    public static int AtLeast(int value, int least, string option) =>
        value >= least ? value : throw CliException.Usage($"{option} takes a number of at least {least}", null);

    public void Dispose()
    {
        Credential?.Dispose();
        Psk?.Dispose();
        KeyLog?.Dispose();
    }

    private static (string Host, int Port) ReadTarget(string target, bool server)
    {
        int colon = target.LastIndexOf(':');
        string host = colon > 0 ? target[..colon].Trim('[', ']') : "";
        return host.Length > 0 && int.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= 65535 && (server || port > 0)
            ? (host, port)
            : throw CliException.Usage($"'{target}' is not HOST:PORT", "for example 127.0.0.1:4433 or [::1]:4433");
    }

    private static TlsPolicy ReadPolicy(TlsCommandOptions options, ParseResult parse)
    {
        TlsPolicy policy = TlsPolicy.Default;
        if (parse.GetValue(options.Groups) is { } groups)
        {
            policy = policy with { Groups = TlsNames.ReadGroups(groups) };
        }

        if (parse.GetValue(options.Shares) is { } shares)
        {
            policy = policy with { Shares = TlsNames.ReadGroups(shares) };
            if (policy.Shares.Except(policy.Groups).Any())
            {
                throw CliException.Usage("--shares names a group that --groups does not", null);
            }
        }

        return parse.GetValue(options.Suites) is { } suites ? policy with { Suites = TlsNames.ReadSuites(suites) } : policy;
    }

    private static Credential? ReadCredential(TlsCommandOptions options, ParseResult parse, bool raw, bool server)
    {
        string? certificate = parse.GetValue(options.Cert), key = parse.GetValue(options.Key), type = parse.GetValue(options.KeyType);
        if (key is not null)
        {
            if (type is not null || (certificate is null && !raw))
            {
                throw CliException.Usage("--key needs --cert or --raw-public-keys, and goes without --keytype", null);
            }

            try
            {
                return TlsCredentials.FromPem(raw ? null : ReadFile(certificate!), ReadFile(key));
            }
            catch (Exception e) when (e is ArgumentException or FormatException or CryptographicException)
            {
                throw CliException.Usage($"the credential cannot be used: {e.Message}", null);
            }
        }

        if (certificate is not null)
        {
            throw CliException.Usage("--cert needs --key", null);
        }

        // A client without a key stays anonymous; who names a kind wants to show one.
        if (!server && type is null && !raw)
        {
            return null;
        }

        PublicKeyKind kind = type is null ? PublicKeyKind.P256 : TlsNames.ReadKeyKind(type);
        return raw ? TlsCredentials.RawPublicKey(kind) : TlsCredentials.SelfSigned(kind);
    }

    private static TlsTrust ReadTrust(TlsCommandOptions options, ParseResult parse)
    {
        List<SpkiPin> pins = [];
        foreach (string text in (parse.GetValue(options.Pin) ?? []).SelectMany(static list => list.Split(Separators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            pins.Add(SpkiPin.TryParse(text, out SpkiPin pin) ? pin : throw CliException.Usage($"'{text}' is no SHA-256 in hexadecimal", null));
        }

        X509Certificate2Collection? roots = null;
        if (parse.GetValue(options.Ca) is { } file)
        {
            roots = [];
            try
            {
                roots.ImportFromPem(ReadFile(file));
            }
            catch (CryptographicException e)
            {
                throw CliException.Usage($"{file}: {e.Message}", null);
            }

            if (roots.Count == 0)
            {
                throw CliException.Usage($"{file} holds no certificate", null);
            }
        }

        return new TlsTrust { Pins = pins, Roots = roots, AcceptAnyone = parse.GetValue(options.Insecure) };
    }

    private static ExternalPsk? ReadPsk(TlsCommandOptions options, ParseResult parse, PskRole role)
    {
        if (parse.GetValue(options.Psk) is not { } hex)
        {
            return parse.GetValue(options.PskIdentity) is null ? null : throw CliException.Usage("--psk-identity needs --psk", null);
        }

        byte[] key;
        try
        {
            key = Convert.FromHexString(hex);
        }
        catch (FormatException)
        {
            throw CliException.Usage("--psk takes hexadecimal digits", null);
        }

        if (key.Length < ExternalPsk.MinKeyBytes)
        {
            throw CliException.Usage($"--psk takes at least {ExternalPsk.MinKeyBytes} bytes", "openssl rand -hex 32 makes one");
        }

        // Used as it is, under SHA-256: what OpenSSL and others speak (RFC 9846 section 4.2.11).
        ExternalPsk psk = new(Encoding.UTF8.GetBytes(parse.GetValue(options.PskIdentity) ?? "Client_identity"), key) { Role = role };
        CryptographicOperations.ZeroMemory(key);
        return psk;
    }

    private static string ReadTickets(TlsCommandOptions options, ParseResult parse) => parse.GetValue(options.Tickets) switch
    {
        null or "stateful" => "stateful",
        "sealed" => "sealed",
        "off" => "off",
        { } other => throw CliException.Usage($"--tickets takes stateful, sealed or off, not '{other}'", null),
    };

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{path} cannot be read: {e.Message}", null);
        }
    }
}
