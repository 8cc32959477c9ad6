using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>What every stage of the key schedule (RFC 9846 section 7.1) shares: one secret under the suite's hash, from which others are derived by label and transcript.</summary>
internal abstract class KeyStage : IDisposable
{
    private readonly SecretBytes _secret;
    private readonly MacKey _key;

    /// <summary>Makes a stage from the one before, which is erased, and new keying material; without any (empty) from zeros of the hash's length.</summary>
    protected KeyStage(SuiteParameters suite, KeyStage? before, ReadOnlySpan<byte> keyingMaterial)
    {
        Suite = suite;
        Span<byte> zeros = stackalloc byte[SuiteParameters.MaxHashBytes];
        zeros.Clear();
        Span<byte> salt = stackalloc byte[SuiteParameters.MaxHashBytes];
        salt = before is null ? [] : salt[..suite.HashBytes];
        before?.Derive("derived"u8, salt);
        _secret = new(suite.HashBytes);
        Hkdf.Extract(suite.Hmac, salt, keyingMaterial.IsEmpty ? zeros[..suite.HashBytes] : keyingMaterial, _secret.Span);
        _key = suite.Hmac.CreateKey(_secret.Span);
        SecretBytes.Erase(salt);
        before?.Dispose();
    }

    public SuiteParameters Suite { get; }

    /// <summary>Derive-Secret with a transcript hash.</summary>
    public void Derive(ReadOnlySpan<byte> label, ReadOnlySpan<byte> transcriptHash, Span<byte> secret) =>
        HkdfLabel.Expand(_key, label, transcriptHash, secret[..Suite.HashBytes]);

    /// <summary>Derive-Secret over no messages.</summary>
    public void Derive(ReadOnlySpan<byte> label, Span<byte> secret)
    {
        Span<byte> empty = stackalloc byte[SuiteParameters.MaxHashBytes];
        Suite.Hash.Hash([], empty);
        Derive(label, empty[..Suite.HashBytes], secret);
    }

    public void Dispose()
    {
        _key.Dispose();
        _secret.Dispose();
    }
}

/// <summary>The first stage: from a pre-shared key, or without one (empty) from zeros.</summary>
internal sealed class EarlyStage(SuiteParameters suite, ReadOnlySpan<byte> psk) : KeyStage(suite, null, psk)
{
    /// <summary>The binder of a ClientHello whose part before the binders has the given hash (section 4.2.11.2).</summary>
    public void ComputeBinder(ReadOnlySpan<byte> label, ReadOnlySpan<byte> truncatedHash, Span<byte> binder)
    {
        Span<byte> key = stackalloc byte[SuiteParameters.MaxHashBytes];
        key = key[..Suite.HashBytes];
        Derive(label, key);
        TrafficSecrets.ComputeFinished(Suite, key, truncatedHash, binder);
        SecretBytes.Erase(key);
    }

    /// <summary>Goes on to the handshake with the secret of the key exchange, and erases this stage.</summary>
    public HandshakeStage Enter(ReadOnlySpan<byte> sharedSecret) => new(this, sharedSecret);
}

/// <summary>The second stage: with the secret of the key exchange.</summary>
internal sealed class HandshakeStage(EarlyStage before, ReadOnlySpan<byte> sharedSecret) : KeyStage(before.Suite, before, sharedSecret)
{
    /// <summary>Goes on to the application's keys, and erases this stage.</summary>
    public MasterStage Enter() => new(this);
}

/// <summary>The last stage: application traffic, exporters, resumption.</summary>
internal sealed class MasterStage(HandshakeStage before) : KeyStage(before.Suite, before, []);
