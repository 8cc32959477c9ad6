namespace Kadath.Tls;

/// <summary>A key that both peers were given beforehand (RFC 9846 section 4.2.11). Erased by <see cref="Dispose"/>.</summary>
public sealed class ExternalPsk : IDisposable
{
    /// <summary>The shortest key, in bytes: whoever sees a handshake can try keys offline, so it has to be random and long.</summary>
    public const int MinKeyBytes = 32;

    /// <summary>Takes a key.</summary>
    /// <param name="identity">What the client names it with, in the clear; 1 to 1024 bytes.</param>
    /// <param name="key">Random; at least <see cref="MinKeyBytes"/> bytes.</param>
    /// <param name="context">With <see cref="IsImported"/>: what else binds the key, such as the roles (RFC 9258 section 4.1).</param>
    /// <exception cref="ArgumentException">A length is out of its bounds.</exception>
    public ExternalPsk(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> key, ReadOnlySpan<byte> context = default)
    {
        if (identity.Length is 0 or > 1024 || context.Length > 1024)
        {
            throw new ArgumentException("An identity has 1 to 1024 bytes, a context at most 1024.", nameof(identity));
        }

        if (key.Length < MinKeyBytes)
        {
            throw new ArgumentException($"A key has at least {MinKeyBytes} bytes.", nameof(key));
        }

        (Identity, Context, Key) = (identity.ToArray(), context.ToArray(), new(key));
    }

    /// <summary>What the client names the key with.</summary>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <summary>What else binds the key where it is imported.</summary>
    public ReadOnlyMemory<byte> Context { get; }

    /// <summary>
    /// Whether the key is imported (RFC 9258), the default: each hash then has a key of its own. Without, it is used as it is, under SHA-256,
    /// as older software does; the caller then sees to it that one peer is always the client.
    /// </summary>
    public bool IsImported { get; init; } = true;

    internal SecretBytes Key { get; }

    /// <summary>Erases the key.</summary>
    public void Dispose() => Key.Dispose();
}
