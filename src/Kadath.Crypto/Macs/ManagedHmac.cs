namespace Kadath.Crypto;

/// <summary>HMAC-SHA-256 (RFC 2104, FIPS 198-1) in C#.</summary>
public sealed class ManagedHmacSha256 : IMac
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int TagLength => 32;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => ManagedHmac.Compute<Sha256Core>(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new ManagedMacKey<Sha256Core>(key);
}

/// <summary>HMAC-SHA-384 (RFC 2104, FIPS 198-1) in C#.</summary>
public sealed class ManagedHmacSha384 : IMac
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int TagLength => 48;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => ManagedHmac.Compute<Sha384Core>(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new ManagedMacKey<Sha384Core>(key);
}

/// <summary>The one-shot HMAC over any core.</summary>
internal static class ManagedHmac
{
    public static void Compute<TCore>(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag)
        where TCore : unmanaged, IHashCore
    {
        var length = default(TCore).DigestLength;
        if (tag.Length < length)
        {
            throw new ArgumentException($"A tag needs {length} bytes.", nameof(tag));
        }

        HmacState<TCore>.TakeKey(key, out var inner, out var outer);
        inner.Append(data);
        HmacState<TCore>.Finish(ref inner, ref outer, tag);
    }
}

/// <summary>A key of which the hashes of both pads are kept: two compressions less for each message.</summary>
internal sealed class ManagedMacKey<TCore> : MacKey
    where TCore : unmanaged, IHashCore
{
    // Pinned, so that the collector leaves no copies of the secret behind: inner pad, outer pad, message.
    private readonly HashState<TCore>[] _states = GC.AllocateUninitializedArray<HashState<TCore>>(3, pinned: true);
    private bool _erased;

    public ManagedMacKey(ReadOnlySpan<byte> key)
        : base(default(TCore).DigestLength)
    {
        HmacState<TCore>.TakeKey(key, out _states[0], out _states[1]);
        _states[2] = _states[0];
    }

    public override void Append(ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        _states[2].Append(data);
    }

    private protected override void FinishCore(Span<byte> tag)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        var outer = _states[1];
        HmacState<TCore>.Finish(ref _states[2], ref outer, tag);
        _states[2] = _states[0];
    }

    private protected override void EraseKey()
    {
        _erased = true;
        Erase.Span<HashState<TCore>>(_states);
    }
}
