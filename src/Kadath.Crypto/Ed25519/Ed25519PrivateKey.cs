namespace Kadath.Crypto;

/// <summary>An Ed25519 private key with its public key. Made by <see cref="IEd25519.ImportSeed"/> or <see cref="IEd25519.ImportExpanded"/>; erased by <see cref="SignaturePrivateKey.Dispose"/>.</summary>
/// <remarks>The secret lies in pinned memory, so that the collector leaves no copies of it behind.</remarks>
public sealed class Ed25519PrivateKey : SignaturePrivateKey
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
    private readonly IEd25519 _fill;

    /// <summary>Copies a key whose parts are known to belong together; an empty <paramref name="seed"/> means that it is not known.</summary>
    internal Ed25519PrivateKey(IEd25519 fill, ReadOnlySpan<byte> expanded, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed)
        : base(publicKey.ToArray(), SignatureLength)
    {
        _fill = fill;
        _expanded = Pinned(expanded);
        _seed = seed.IsEmpty ? null : Pinned(seed);
    }

    /// <summary>Whether the seed is known: a key that was imported in expanded form has none.</summary>
    public bool HasSeed => _seed is not null;

    /// <summary>Scalar and prefix.</summary>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    internal ReadOnlySpan<byte> Expanded
    {
        get
        {
            RequireNotErased();
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
        RequireNotErased();
        (_seed ?? throw new InvalidOperationException("A key imported in expanded form has no seed.")).CopyTo(destination);
    }

    /// <summary>Names the public key, never the secret.</summary>
    public override string ToString() => $"Ed25519 {base.ToString()}";

    private protected override int SignCore(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature)
    {
        _fill.Sign(this, message, signature);
        return SignatureLength;
    }

    private protected override void EraseKey()
    {
        Erase.Span<byte>(_expanded);
        Erase.Span<byte>(_seed);
    }

    private static byte[] Pinned(ReadOnlySpan<byte> secret)
    {
        var copy = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(copy);
        return copy;
    }
}
