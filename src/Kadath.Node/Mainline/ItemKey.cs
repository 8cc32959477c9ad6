namespace Kadath.Node;

/// <summary>An Ed25519 key that signs mutable items (BEP 44). Holds the secret in memory until disposed.</summary>
public sealed class ItemKey : IDisposable
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedSize = 32;

    private readonly byte[] _secret;

    private ItemKey(byte[] secret, byte[] publicKey)
    {
        _secret = secret;
        PublicKey = publicKey;
    }

    /// <summary>The 32-byte public key.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>A new key from the operating system's generator.</summary>
    public static ItemKey Create() => throw new InvalidOperationException("not built yet");

    /// <summary>The key of a 32-byte seed (RFC 8032 §5.1.5).</summary>
    public static ItemKey FromSeed(ReadOnlySpan<byte> seed) => throw new InvalidOperationException("not built yet");

    /// <summary>The key of a 64-byte expanded secret, as in the test vectors of BEP 44.</summary>
    public static ItemKey FromExpanded(ReadOnlySpan<byte> expanded) => throw new InvalidOperationException("not built yet");

    /// <summary>Copies the seed or the expanded secret out, to be saved; returns 32 or 64.</summary>
    public int Export(Span<byte> destination)
    {
        _secret.CopyTo(destination);
        return _secret.Length;
    }

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => Array.Clear(_secret);
}
