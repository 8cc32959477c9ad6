namespace Kadath.Crypto;

/// <summary>An Ed25519 private key with its public key. Made by <see cref="IEd25519.ImportSeed"/> or <see cref="IEd25519.ImportExpanded"/>; erased by <see cref="Dispose"/>.</summary>
/// <remarks>The secret lies in pinned memory, so that the collector leaves no copies of it behind.</remarks>
public sealed class Ed25519PrivateKey : IDisposable
{
    /// <summary>Length of a seed, in bytes.</summary>
    public const int SeedLength = 32;

    /// <summary>Length of an expanded private key (scalar, then prefix), in bytes.</summary>
    public const int ExpandedLength = 64;

    /// <summary>Length of a public key, in bytes.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>Length of a signature, in bytes.</summary>
    public const int SignatureLength = 64;

    private readonly byte[] _expanded;
    private readonly byte[]? _seed;
    private readonly byte[] _publicKey;
    private bool _erased;

    /// <summary>Copies a key whose parts are known to belong together; an empty <paramref name="seed"/> means that it is not known.</summary>
    internal Ed25519PrivateKey(ReadOnlySpan<byte> expanded, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed)
    {
        _expanded = Pinned(expanded);
        _publicKey = publicKey.ToArray();
        _seed = seed.IsEmpty ? null : Pinned(seed);
    }

    /// <summary>The public key, <see cref="PublicKeyLength"/> bytes. Remains after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Whether the seed is known: a key that was imported in expanded form has none.</summary>
    public bool HasSeed => _seed is not null;

    /// <summary>Scalar and prefix.</summary>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    internal ReadOnlySpan<byte> Expanded
    {
        get
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            return _expanded;
        }
    }

    /// <summary>Copies the expanded form: 32 bytes of scalar, little-endian, then 32 bytes of prefix.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="ExpandedLength"/>.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void ExportExpanded(Span<byte> destination) => Expanded.CopyTo(destination);

    /// <summary>Copies the seed.</summary>
    /// <exception cref="InvalidOperationException">The key has no seed (<see cref="HasSeed"/>).</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="SeedLength"/>.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        (_seed ?? throw new InvalidOperationException("A key imported in expanded form has no seed.")).CopyTo(destination);
    }

    /// <summary>Erases the secret. The caller sees to it that no signature is being made.</summary>
    public void Dispose()
    {
        _erased = true;
        Erase.Span<byte>(_expanded);
        Erase.Span<byte>(_seed);
    }

    /// <summary>Names the public key, never the secret.</summary>
    public override string ToString() => $"Ed25519 {Convert.ToHexStringLower(_publicKey)}";

    private static byte[] Pinned(ReadOnlySpan<byte> secret)
    {
        var copy = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(copy);
        return copy;
    }
}
