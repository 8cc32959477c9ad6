using System.Text;
using Kadath.Tls;

namespace Kadath.Cli.Tls;

/// <summary>The names that IANA registered, which are read in any case, and a few that people use instead.</summary>
internal static class TlsNames
{
    private static readonly (NamedGroup Group, string Name)[] Groups =
    [
        (NamedGroup.X25519MLKEM768, "X25519MLKEM768"),
        (NamedGroup.SecP256r1MLKEM768, "SecP256r1MLKEM768"),
        (NamedGroup.SecP384r1MLKEM1024, "SecP384r1MLKEM1024"),
        (NamedGroup.X25519, "x25519"),
        (NamedGroup.Secp256r1, "secp256r1"),
        (NamedGroup.Secp384r1, "secp384r1"),
        (NamedGroup.X25519FrodoKEM640AES, "x25519_frodo640aes"),
        (NamedGroup.X25519FrodoKEM640SHAKE, "x25519_frodo640shake"),
        (NamedGroup.X25519FrodoKEM976SHAKE, "x25519_frodo976shake"),
        (NamedGroup.X25519EFrodoKEM640SHAKE, "x25519_efrodo640shake"),
        (NamedGroup.X25519BIKEL1, "x25519_bikel1"),
        (NamedGroup.Secp256r1, "P-256"),
        (NamedGroup.Secp384r1, "P-384"),

        // Experimental groups have no registered names; these are the ones of the Open Quantum Safe project, or made like them.
        (NamedGroup.X25519FrodoKEM640AES, "x25519_frodo640aes"),
        (NamedGroup.X25519FrodoKEM640SHAKE, "x25519_frodo640shake"),
        (NamedGroup.X25519FrodoKEM976SHAKE, "x25519_frodo976shake"),
        (NamedGroup.X25519EFrodoKEM640SHAKE, "x25519_efrodo640shake"),
        (NamedGroup.X25519BIKEL1, "x25519_bikel1"),
    ];

    private static readonly (CipherSuite Suite, string Name)[] Suites =
    [
        (CipherSuite.Aes128GcmSha256, "TLS_AES_128_GCM_SHA256"),
        (CipherSuite.Aes256GcmSha384, "TLS_AES_256_GCM_SHA384"),
        (CipherSuite.ChaCha20Poly1305Sha256, "TLS_CHACHA20_POLY1305_SHA256"),
    ];

    private static readonly (PublicKeyKind Kind, string Name)[] KeyKinds =
    [
        (PublicKeyKind.P256, "p256"),
        (PublicKeyKind.P384, "p384"),
        (PublicKeyKind.Ed25519, "ed25519"),
        (PublicKeyKind.MlDsa44, "mldsa44"),
        (PublicKeyKind.MlDsa65, "mldsa65"),
    ];

    public static string Of(NamedGroup group) => Find(Groups, group) ?? $"0x{(ushort)group:x4}";

    public static string Of(CipherSuite suite) => Find(Suites, suite) ?? $"0x{(ushort)suite:x4}";

    public static string Of(SignatureScheme scheme) => SignatureSchemes.NameOf(scheme) ?? $"0x{(ushort)scheme:x4}";

    /// <summary>The alert's name in RFC 9846, such as handshake_failure.</summary>
    public static string Of(AlertDescription alert)
    {
        if (!Enum.IsDefined(alert))
        {
            return $"{(byte)alert}";
        }

        StringBuilder name = new();
        foreach (char letter in alert.ToString())
        {
            name.Append(char.IsAsciiLetterUpper(letter) && name.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    public static IReadOnlyList<NamedGroup> ReadGroups(string list) => Read(list, Groups, "group");

    public static IReadOnlyList<CipherSuite> ReadSuites(string list) => Read(list, Suites, "cipher suite");

    public static PublicKeyKind ReadKeyKind(string name) => Read(name, KeyKinds, "kind of key") is [var kind] ? kind : throw CliException.Usage("--keytype takes one kind of key", null);

    private static string? Find<T>((T Value, string Name)[] names, T value)
        where T : struct, Enum => Array.Find(names, entry => entry.Value.Equals(value)).Name;

    private static List<T> Read<T>(string list, (T Value, string Name)[] names, string what)
        where T : struct, Enum
    {
        List<T> found = [];
        foreach (string name in list.Split([',', ':'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            (T value, string? known) = Array.Find(names, entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (known is null)
            {
                throw CliException.Usage($"'{name}' is no {what} that is known", $"known are {string.Join(", ", names.Select(entry => entry.Name))}");
            }

            if (!found.Contains(value))
            {
                found.Add(value);
            }
        }

        return found.Count > 0 ? found : throw CliException.Usage($"no {what} was named", null);
    }
}
