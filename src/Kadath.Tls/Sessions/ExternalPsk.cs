namespace Kadath.Tls;

/// <summary>In which role a key that is not imported is used.</summary>
public enum PskRole
{
    /// <summary>The one that begins.</summary>
    Client,

    /// <summary>The one that answers.</summary>
    Server,
}

/// <summary>A key that both peers were given beforehand (RFC 9846 section 4.2.11). Erased by <see cref="Dispose"/>.</summary>
public sealed class ExternalPsk : IDisposable
{
    /// <summary>The shortest key, in bytes: whoever sees a handshake can try keys offline, so it has to be random and long.</summary>
    public const int MinKeyBytes = 32;

    /// <summary>Takes a key.</summary>
    /// <param name="identity">What the client names it with, in the clear; 1 to 1024 bytes.</param>
    /// <param name="key">Random; at least <see cref="MinKeyBytes"/> bytes.</param>
    /// <param name="context">Where it is imported: what else binds the key, such as the roles (RFC 9258 section 4.1).</param>
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
    /// Null, the default: the key is imported (RFC 9258), so that each hash has a key of its own; put both peers' names and roles into the
    /// context. Set: it is used as it is, under SHA-256, as most software does, and by this endpoint in this role only; a key that the same
    /// endpoint used in both could be reflected to it.
    /// </summary>
    public PskRole? Role { get; init; }

    /// <summary>Whether the key is imported.</summary>
    public bool IsImported => Role is null;

    /// <summary>Refuses the wrong role.</summary>
    internal void RequireRole(PskRole role)
    {
        if (Role is { } bound && bound != role)
        {
            throw new ArgumentException($"The key is bound to the role of the {bound}.");
        }
    }

    internal SecretBytes Key { get; }

    /// <summary>Erases the key.</summary>
    public void Dispose() => Key.Dispose();
}
