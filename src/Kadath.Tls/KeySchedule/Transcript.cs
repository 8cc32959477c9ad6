using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>The hash over the handshake so far (RFC 9846 section 4.4.1). Until the suite, and with it the hash, is known it keeps the messages.</summary>
internal sealed class Transcript : IDisposable
{
    private readonly WireWriter _waiting = new();
    private RunningHash? _hash;
    private IHash? _function;

    /// <summary>Takes in a whole message with its header.</summary>
    public void Append(ReadOnlySpan<byte> message)
    {
        if (_hash is null)
        {
            _waiting.Bytes(message);
        }
        else
        {
            _hash.Append(message);
        }
    }

    /// <summary>Chooses the hash; a second call changes nothing, as HelloRetryRequest and ServerHello name the same suite.</summary>
    public void Choose(IHash function)
    {
        if (_hash is null)
        {
            _function = function;
            _hash = function.Start();
            _hash.Append(_waiting.Written);
            _waiting.Clear();
        }
    }

    /// <summary>Replaces the first ClientHello by its hash, as HelloRetryRequest demands (section 4.4.1).</summary>
    public void RestartForRetry()
    {
        Span<byte> message = stackalloc byte[4 + SuiteParameters.MaxHashBytes];
        message = message[..(4 + _function!.DigestLength)];
        message[0] = (byte)HandshakeType.MessageHash;
        message[3] = (byte)_function.DigestLength;
        _hash!.CopyDigest(message[4..]);
        _hash.Dispose();
        _hash = _function.Start();
        _hash.Append(message);
    }

    /// <summary>Writes the hash of everything so far.</summary>
    public void CopyDigest(Span<byte> digest) => _hash!.CopyDigest(digest);

    /// <summary>The hash of everything so far and of a part of the next message: what a binder covers (section 4.2.11.2).</summary>
    /// <remarks>The function may be another than the transcript's while that is still open: each offered key has its own.</remarks>
    public void CopyDigestWith(IHash function, ReadOnlySpan<byte> truncated, Span<byte> digest)
    {
        using var fork = _hash is null ? function.Start() : _hash.Clone();
        if (_hash is null)
        {
            fork.Append(_waiting.Written);
        }

        fork.Append(truncated);
        fork.CopyDigest(digest);
    }

    public void Dispose()
    {
        _hash?.Dispose();
        _waiting.Dispose();
    }
}
