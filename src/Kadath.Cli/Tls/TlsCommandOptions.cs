using System.CommandLine;

namespace Kadath.Cli.Tls;

/// <summary>The options of <c>tls serve</c> and <c>tls connect</c>.</summary>
internal sealed class TlsCommandOptions
{
    public Argument<string> Target { get; } = new("HOST:PORT") { Description = "Where to listen or connect; port 0 takes a free one" };

    public Option<string?> Groups { get; } = new("--groups") { Description = "Groups for key exchange, the preferred first", HelpName = "A,B" };

    public Option<string?> Suites { get; } = new("--suites") { Description = "Cipher suites, the preferred first", HelpName = "A,B" };

    public Option<string?> Alpn { get; } = new("--alpn") { Description = "Application protocols, the preferred first", HelpName = "A,B" };

    public Option<string?> Cert { get; } = new("--cert") { Description = "Certificate chain in PEM (needs --key)", HelpName = "FILE" };

    public Option<string?> Key { get; } = new("--key") { Description = "Private key in PEM", HelpName = "FILE" };

    public Option<string?> KeyType { get; } = new("--keytype") { Description = "Kind of a fresh key: p256, p384, ed25519, mldsa44 or mldsa65", HelpName = "KIND" };

    public Option<bool> RawPublicKeys { get; } = new("--raw-public-keys") { Description = "Show and take bare public keys (RFC 7250) instead of certificates" };

    public Option<string?> Ca { get; } = new("--ca") { Description = "Authorities to trust instead of the system's, in PEM", HelpName = "FILE" };

    public Option<string[]> Pin { get; } = new("--pin") { Description = "SHA-256 of a trusted key (SubjectPublicKeyInfo), in hexadecimal", HelpName = "HEX,…" };

    public Option<bool> Insecure { get; } = new("--insecure") { Description = "Accept any peer, and say so: who it is remains unknown" };

    public Option<string?> Psk { get; } = new("--psk") { Description = "Key that both sides were given, at least 32 bytes", HelpName = "HEX" };

    public Option<string?> PskIdentity { get; } = new("--psk-identity") { Description = "What the key is called", HelpName = "TEXT" };

    public Option<bool> EarlyData { get; } = new("--early-data") { Description = "Send or take data in the first flight of a resumed connection (it can be replayed)" };

    public Option<string?> Tickets { get; } = new("--tickets") { Description = "Tickets for resumption: stateful (default), sealed or off", HelpName = "MODE" };

    public Option<int> KeyUpdate { get; } = new("--key-update") { Description = "Update keys before every Nth 64 KiB, and ask the peer to", HelpName = "N" };

    public Option<int?> RecordSizeLimit { get; } = new("--record-size-limit") { Description = "Largest plaintext of a record that is taken (64 to 16385)", HelpName = "N" };

    public Option<string> Exporter { get; } = new("--exporter") { Description = "Label of the 32 bytes that are exported", HelpName = "LABEL", DefaultValueFactory = static _ => "EXPORTER-Channel-Binding" };

    public Option<string?> ClientAuth { get; } = new("--client-auth") { Description = "Client certificates: none (default), request or require", HelpName = "MODE" };

    public Option<string?> Sni { get; } = new("--sni") { Description = "Name to ask for and to verify, instead of HOST", HelpName = "NAME" };

    public Option<bool> Resume { get; } = new("--resume") { Description = "Make a second connection with the first one's ticket" };

    public Option<string?> Shares { get; } = new("--shares") { Description = "Groups to send a key share for at once; others cost a HelloRetryRequest", HelpName = "A,B" };

    public Option<int> Bytes { get; } = new("--bytes") { Description = "Bytes to send and to get back, instead of five", HelpName = "N" };

    public Option<int> Count { get; } = new("--n") { Description = "Connections to make, one after another", HelpName = "N", DefaultValueFactory = static _ => 1 };

    public Option<int> Concurrency { get; } = new("--concurrency") { Description = "Connections at the same time", HelpName = "N", DefaultValueFactory = static _ => 1 };

    public Option<bool> NoEcho { get; } = new("--no-echo") { Description = "Send nothing: handshake and close" };

    public Option<string?> KeyLog { get; } = new("--key-log") { Description = "Append the connections' secrets to a file (whoever has it reads the traffic)", HelpName = "FILE" };

    /// <summary>Adds what both commands take.</summary>
    public void AddCommon(Command command)
    {
        command.Add(Target);
        foreach (Option option in new Option[] { Groups, Suites, Alpn, Cert, Key, KeyType, RawPublicKeys, Ca, Pin, Insecure, Psk, PskIdentity, EarlyData, Tickets, KeyUpdate, RecordSizeLimit, Exporter, KeyLog })
        {
            command.Add(option);
        }
    }
}
