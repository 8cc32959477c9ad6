using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>
/// Tickets that hold the session itself, sealed: nothing is kept per client. Each has an AES-256-GCM key of its own, derived from the ticket
/// key and 32 random bytes, so that nonces cannot meet. Ticket keys live in memory only, are replaced every <see cref="KeyPeriod"/> and erased
/// one period later; from then on what they sealed can be opened by nobody.
/// </summary>
/// <remarks>A sealed ticket can be shown more than once, so early data is never taken with one.</remarks>
public sealed class SealedTickets : ITicketStore
{
    /// <summary>How long a ticket key seals.</summary>
    public static readonly TimeSpan KeyPeriod = TimeSpan.FromHours(12);

    private const int NameBytes = 16;
    private const int SaltBytes = 32;
    private const int KeyBytes = 32;
    private const int HeaderBytes = NameBytes + SaltBytes;

    private readonly CryptoProvider _crypto;
    private readonly KeyEntropy _entropy;
    private TicketKey? _current, _previous;

    private sealed record TicketKey(byte[] Name, SecretBytes Secret, Instant Since);

    /// <summary>Makes a store; its first key is made with the first ticket.</summary>
    public SealedTickets(CryptoProvider crypto, KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(entropy);
        (_crypto, _entropy) = (crypto, entropy);
    }

    /// <inheritdoc/>
    public bool AreTicketsSingleUse => false;

    /// <inheritdoc/>
    public Instant NextDeadline => Instant.Min(
        _current is null ? Instant.Never : _current.Since + KeyPeriod, _previous is null ? Instant.Never : _previous.Since + KeyPeriod + KeyPeriod);

    /// <inheritdoc/>
    public void Wake(Instant now)
    {
        if (_current is not null && now - _current.Since >= KeyPeriod)
        {
            _previous?.Secret.Dispose();
            (_previous, _current) = (_current, null);
        }

        if (_previous is not null && now - _previous.Since >= KeyPeriod + KeyPeriod)
        {
            _previous.Secret.Dispose();
            _previous = null;
        }
    }

    /// <inheritdoc/>
    public byte[]? Issue(ServerSession session, Instant now)
    {
        ArgumentNullException.ThrowIfNull(session);
        Wake(now);
        _current ??= MakeKey(now);
        using var state = SessionState.Write(session);
        session.Dispose();
        if (state.Length + HeaderBytes + AeadKey.TagBytes > SessionState.MaxBytes)
        {
            return null;
        }

        var ticket = new byte[HeaderBytes + state.Length + AeadKey.TagBytes];
        _current.Name.CopyTo(ticket, 0);
        _entropy.Fill(ticket.AsSpan(NameBytes, SaltBytes));
        using var key = KeyOf(_current, ticket.AsSpan(NameBytes, SaltBytes));
        key.Seal(stackalloc byte[AeadKey.NonceBytes], ticket.AsSpan(0, HeaderBytes), state.Written, ticket.AsSpan(HeaderBytes));
        return ticket;
    }

    /// <inheritdoc/>
    public ServerSession? Find(ReadOnlySpan<byte> ticket, Instant now)
    {
        Wake(now);
        if (ticket.Length is <= HeaderBytes + AeadKey.TagBytes or > SessionState.MaxBytes)
        {
            return null;
        }

        var sealer = _current is not null && ticket.StartsWith(_current.Name) ? _current : _previous is not null && ticket.StartsWith(_previous.Name) ? _previous : null;
        if (sealer is null)
        {
            return null;
        }

        using var key = KeyOf(sealer, ticket.Slice(NameBytes, SaltBytes));
        using SecretBytes state = new(ticket.Length - HeaderBytes - AeadKey.TagBytes);
        if (!key.TryOpen(stackalloc byte[AeadKey.NonceBytes], ticket[..HeaderBytes], ticket[HeaderBytes..], state.Span))
        {
            return null;
        }

        var session = SessionState.Read(state.Span, _crypto.Sha256);
        if (session?.IsExpired(now) == true)
        {
            session.Dispose();
            return null;
        }

        return session;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _current?.Secret.Dispose();
        _previous?.Secret.Dispose();
        (_current, _previous) = (null, null);
    }

    private TicketKey MakeKey(Instant now)
    {
        var name = new byte[NameBytes];
        SecretBytes secret = new(KeyBytes);
        _entropy.Fill(name);
        _entropy.Fill(secret.Span);
        return new(name, secret, now);
    }

    private AeadKey KeyOf(TicketKey key, ReadOnlySpan<byte> salt)
    {
        Span<byte> derived = stackalloc byte[KeyBytes];
        HkdfLabel.Expand(_crypto.HmacSha256, key.Secret.Span, "kadath ticket"u8, salt, derived);
        var aead = _crypto.Aes256Gcm.CreateKey(derived);
        SecretBytes.Erase(derived);
        return aead;
    }
}
