namespace Kadath.Tls;

/// <summary>What we authenticate with: a private key, and either a certificate chain or the bare public key (RFC 7250).</summary>
public sealed class Credential : IDisposable
{
    // What a Certificate message has room for, and more than any authority asks for.
    private const int MaxChain = 10;

    private Credential(SigningKey key, ReadOnlyMemory<byte>[] chain)
    {
        Key = key;
        Chain = chain;
    }

    /// <summary>The key; disposed of with the credential.</summary>
    public SigningKey Key { get; }

    /// <summary>The certificates in DER, ours first, each followed by its issuer's; empty for a raw public key.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Chain { get; }

    /// <summary>Whether it is the bare public key.</summary>
    public bool IsRawPublicKey => Chain.Count == 0;

    /// <summary>A credential that sends its public key and no certificate.</summary>
    public static Credential RawPublicKey(SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new Credential(key, []);
    }

    /// <summary>A credential that sends certificates.</summary>
    /// <param name="key">The key of the first certificate.</param>
    /// <param name="chain">The certificates in DER, ours first; one to ten.</param>
    /// <exception cref="ArgumentException">The first certificate cannot be read, or is another key's.</exception>
    public static Credential Certificates(SigningKey key, params IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(chain);
        if (chain.Count is 0 or > MaxChain)
        {
            throw new ArgumentException($"a chain has one to {MaxChain} certificates", nameof(chain));
        }

        if (!CertificateView.TryParse(chain[0].Span, out CertificateView first))
        {
            throw new ArgumentException("the first certificate cannot be read", nameof(chain));
        }

        if (!first.PublicKeyInfo.SequenceEqual(key.PublicKeyInfo.Span))
        {
            throw new ArgumentException("the first certificate is another key's", nameof(chain));
        }

        return new Credential(key, [.. chain]);
    }

    /// <summary>Disposes of the key.</summary>
    public void Dispose() => Key.Dispose();
}
