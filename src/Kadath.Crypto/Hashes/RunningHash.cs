using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>A hash over a message that arrives in parts and whose digest is wanted along the way, such as the transcript of a handshake.</summary>
/// <remarks>One thread at a time. Made by <see cref="IHash.Start"/>; erased by <see cref="Dispose"/>.</remarks>
public abstract class RunningHash : IDisposable
{
    private protected RunningHash(int digestLength) => DigestLength = digestLength;

    /// <summary>Length of a digest, in bytes.</summary>
    public int DigestLength { get; }

    /// <summary>Takes in the next part of the message.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Writes the digest of what was appended so far into the first <see cref="DigestLength"/> bytes; more may be appended afterwards.</summary>
    /// <exception cref="ArgumentException"><paramref name="digest"/> is too short.</exception>
    public void CopyDigest(Span<byte> digest)
    {
        if (digest.Length < DigestLength)
        {
            throw new ArgumentException($"A digest needs {DigestLength} bytes.", nameof(digest));
        }

        CopyDigestCore(digest[..DigestLength]);
    }

    /// <summary>A second hash that has taken in the same and goes its own way from here.</summary>
    public abstract RunningHash Clone();

    /// <summary>Erases what it holds of the message.</summary>
    public void Dispose()
    {
        EraseState();
        GC.SuppressFinalize(this);
    }

    private protected abstract void CopyDigestCore(Span<byte> digest);

    private protected abstract void EraseState();
}

/// <summary>The running hash over any core.</summary>
internal sealed class ManagedRunningHash<TCore> : RunningHash
    where TCore : unmanaged, IHashCore
{
    // What is hashed may be secret: pinned, so that the collector leaves no copies behind.
    private readonly HashState<TCore>[] _state = GC.AllocateUninitializedArray<HashState<TCore>>(1, pinned: true);
    private bool _erased;

    public ManagedRunningHash()
        : base(default(TCore).DigestLength) => _state[0] = HashState<TCore>.Create();

    private ManagedRunningHash(in HashState<TCore> state)
        : base(default(TCore).DigestLength) => _state[0] = state;

    private ref HashState<TCore> State
    {
        get
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            return ref _state[0];
        }
    }

    public override void Append(ReadOnlySpan<byte> data) => State.Append(data);

    public override RunningHash Clone() => new ManagedRunningHash<TCore>(State);

    private protected override void CopyDigestCore(Span<byte> digest)
    {
        var copy = State;
        copy.Finish(digest);
    }

    private protected override void EraseState()
    {
        _erased = true;
        Erase.Value(ref _state[0]);
    }
}

/// <summary>The running hash of the class library.</summary>
internal sealed class BclRunningHash : RunningHash
{
    private readonly IncrementalHash _hash;

    public BclRunningHash(HashAlgorithmName name, int digestLength)
        : base(digestLength) => _hash = IncrementalHash.CreateHash(name);

    private BclRunningHash(IncrementalHash hash, int digestLength)
        : base(digestLength) => _hash = hash;

    public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    public override RunningHash Clone() => new BclRunningHash(_hash.Clone(), DigestLength);

    private protected override void CopyDigestCore(Span<byte> digest) => _hash.GetCurrentHash(digest);

    private protected override void EraseState() => _hash.Dispose();
}
