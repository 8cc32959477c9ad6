using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kadath.Tls.Streams;

/// <summary>
/// Whom we trust. Nothing is trusted by omission: what is set here replaces the platform's authorities, and a raw or self-signed key is accepted
/// only against a pin or by the verifier's answer. That the peer holds the key it shows is checked always, whatever stands here.
/// </summary>
public sealed record TlsTrust
{
    private static readonly ConditionalWeakTable<Delegate, string> VerifierNames = [];
    private static long _verifiers;

    private readonly Lazy<string> _tag;

    /// <summary>Trusts the platform's authorities.</summary>
    public TlsTrust() => _tag = new Lazy<string>(MakeTag);

    private TlsTrust(TlsTrust other)
    {
        Roots = other.Roots;
        Pins = other.Pins;
        Verifier = other.Verifier;
        AcceptAnyone = other.AcceptAnyone;
        Revocation = other.Revocation;
        _tag = new Lazy<string>(MakeTag);
    }

    /// <summary>The authorities of the operating system: what a client trusts that says nothing.</summary>
    public static TlsTrust Platform { get; } = new();

    /// <summary>Authorities instead of the platform's; null: the platform's, if there are no pins either.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    /// <summary>Keys that are trusted for themselves, whatever certificate they come in and whatever name it has. With pins the platform's authorities count no more.</summary>
    public IReadOnlyList<SpkiPin> Pins { get; init; } = [];

    /// <summary>Decides alone, instead of authorities and pins. It may take time, within the deadline of the handshake; what it throws fails the handshake.</summary>
    public Func<PeerIdentity, CancellationToken, ValueTask<bool>>? Verifier { get; init; }

    /// <summary>Accepts every peer, and says so: the stream's state is then <see cref="PeerState.Unauthenticated"/>. For experiments.</summary>
    public bool AcceptAnyone { get; init; }

    /// <summary>Whether authorities are asked over the network about revoked certificates; by default not.</summary>
    public X509RevocationMode Revocation { get; init; } = X509RevocationMode.NoCheck;

    /// <summary>Whether anybody in particular is trusted: what a server needs that requires client authentication.</summary>
    public bool NamesSomebody => AcceptAnyone || Verifier is not null || Pins.Count > 0 || Roots is { Count: > 0 };

    /// <summary>Equal for equal configurations: what sessions are bound to.</summary>
    internal string Tag => _tag.Value;

    private string MakeTag()
    {
        StringBuilder text = new($"{AcceptAnyone} {Revocation}");
        foreach (SpkiPin pin in Pins)
        {
            text.Append(" pin ").Append(pin);
        }

        foreach (X509Certificate2 root in Roots ?? [])
        {
            text.Append(" root ").Append(root.GetCertHashString(HashAlgorithmName.SHA256));
        }

        if (Verifier is not null)
        {
            text.Append(" verifier ").Append(VerifierNames.GetValue(Verifier, static _ => $"{Interlocked.Increment(ref _verifiers)}"));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
