using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>Who a peer says it is, as its Certificate message gave it. That it holds the key is proven; that the key may be trusted is not.</summary>
public sealed class PeerIdentity
{
    internal PeerIdentity(CertificateType type, IReadOnlyList<ReadOnlyMemory<byte>> entries, ReadOnlyMemory<byte> publicKeyInfo, IHash sha256)
    {
        (Type, Entries, PublicKeyInfo) = (type, entries, publicKeyInfo);
        Pin = SpkiPin.Of(publicKeyInfo.Span, sha256);
    }

    /// <summary>What the entries are.</summary>
    public CertificateType Type { get; }

    /// <summary>A chain of DER certificates, the end entity's first; or one SubjectPublicKeyInfo.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Entries { get; }

    /// <summary>The peer's SubjectPublicKeyInfo in DER.</summary>
    public ReadOnlyMemory<byte> PublicKeyInfo { get; }

    /// <summary>The pin of <see cref="PublicKeyInfo"/>.</summary>
    public SpkiPin Pin { get; }

    /// <summary>Reads the entries of a Certificate message; null if the first holds no key of a kind that is supported.</summary>
    internal static PeerIdentity? Read(CertificateType type, IReadOnlyList<ReadOnlyMemory<byte>> entries, IHash sha256)
    {
        var info = entries[0];
        if (type == CertificateType.X509)
        {
            if (!CertificateView.TryParse(info.Span, out var certificate))
            {
                return null;
            }

            info = certificate.PublicKeyInfo.ToArray();
        }

        return SubjectPublicKeyInfo.TryParse(info.Span, out _) ? new(type, entries, info, sha256) : null;
    }
}
