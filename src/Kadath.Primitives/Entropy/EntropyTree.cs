using System.Buffers.Binary;

namespace Kadath.Primitives;

/// <summary>
/// A node of the randomness tree: a 256-bit secret from which named children and streams are derived with ChaCha20, so that nothing that a
/// peer is shown of one stream lets it predict another, or more of the same. A product makes the root from the operating system's generator
/// (in <c>Kadath.Node</c>); the simulator expands it from one integer, which then reproduces a whole network.
/// This is not key material: keys and signing nonces have an entropy type of their own.
/// </summary>
public readonly struct EntropyTree
{
    /// <summary>Bytes of the secret: 256 bits.</summary>
    public const int SecretSize = 32;

    private readonly ChaChaKey _key;

    private EntropyTree(in ChaChaKey key) => _key = key;

    /// <summary>A root from 32 secret bytes. Throws <see cref="ArgumentException"/> for any other length.</summary>
    public static EntropyTree FromSecret(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretSize, nameof(secret));
        return new(ChaChaKey.Read(secret));
    }

    /// <summary>A root expanded from one integer: for simulations and tests only, since 64 bits can be searched.</summary>
    public static EntropyTree FromSeed(ulong seed)
    {
        Span<byte> secret = stackalloc byte[SecretSize];
        secret.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(secret, seed);
        "kadath simulated entropy"u8.CopyTo(secret[8..]);
        return new EntropyTree(ChaChaKey.Read(secret)).Child(0);
    }

    /// <summary>The child number <paramref name="index"/>: the same index always gives the same child, two indices unrelated ones.</summary>
    public EntropyTree Child(ulong index)
    {
        Span<byte> block = stackalloc byte[ChaCha20.BlockSize];
        ChaCha20.Block(_key, counter: index, nonce: ChaCha20.ChildNonce, block);
        return new(ChaChaKey.Read(block[..SecretSize]));
    }

    /// <summary>A stream of the leaf number <paramref name="index"/>; streams and children of one index are unrelated.</summary>
    public EntropyStream Stream(ulong index) => new(Child(index)._key);
}
