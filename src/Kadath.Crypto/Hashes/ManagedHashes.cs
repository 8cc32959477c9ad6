namespace Kadath.Crypto;

/// <summary>SHA-1 (FIPS 180-4) in C#. For identifiers that a protocol defines so, never where collisions matter.</summary>
public sealed class ManagedSha1 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int DigestLength => 20;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<Sha1Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<Sha1Core>();
}

/// <summary>SHA-256 (FIPS 180-4) in C#.</summary>
public sealed class ManagedSha256 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int DigestLength => 32;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<Sha256Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<Sha256Core>();
}

/// <summary>SHA-384 (FIPS 180-4) in C#.</summary>
public sealed class ManagedSha384 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int DigestLength => 48;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<Sha384Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<Sha384Core>();
}

/// <summary>SHA-512 (FIPS 180-4) in C#.</summary>
public sealed class ManagedSha512 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int DigestLength => 64;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<Sha512Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<Sha512Core>();
}

/// <summary>The one-shot hash over any core.</summary>
internal static class ManagedHash
{
    public static void Compute<TCore>(ReadOnlySpan<byte> data, Span<byte> digest)
        where TCore : unmanaged, IHashCore
    {
        var length = default(TCore).DigestLength;
        if (digest.Length < length)
        {
            throw new ArgumentException($"A digest needs {length} bytes.", nameof(digest));
        }

        var state = HashState<TCore>.Create();
        state.Append(data);
        state.Finish(digest);
    }
}
