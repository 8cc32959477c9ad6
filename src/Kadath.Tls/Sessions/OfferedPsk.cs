using System.Buffers.Binary;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>A pre-shared key as it is offered: identity, secret, hash and the label of its binder (RFC 9846 section 4.2.11). Erased by <see cref="Dispose"/>.</summary>
internal sealed class OfferedPsk : IDisposable
{
    private OfferedPsk(SuiteParameters suite, ReadOnlyMemory<byte> identity, ReadOnlySpan<byte> psk, byte[] binderLabel)
    {
        (Suite, Identity, Psk, BinderLabel) = (suite, identity, new(psk), binderLabel);
    }

    /// <summary>A suite with the key's hash; for a session its own suite.</summary>
    public SuiteParameters Suite { get; }

    public ReadOnlyMemory<byte> Identity { get; }

    public SecretBytes Psk { get; }

    public byte[] BinderLabel { get; }

    /// <summary>The session that the key comes from, or null for a key that was given.</summary>
    public TlsSession? Session { get; private init; }

    public static OfferedPsk OfSession(TlsSession session, ReadOnlyMemory<byte> identity, CryptoProvider crypto) =>
        new(SuiteParameters.Of(session.Suite, crypto)!, identity, session.Psk.Span, "res binder"u8.ToArray()) { Session = session };

    /// <summary>The keys that an external one stands for: one per hash where it is imported (RFC 9258 section 5.1), else the one of SHA-256.</summary>
    public static IEnumerable<OfferedPsk> OfExternal(ExternalPsk psk, CryptoProvider crypto)
    {
        if (psk.IsImported)
        {
            return [Import(psk, CipherSuite.Aes128GcmSha256, crypto), Import(psk, CipherSuite.Aes256GcmSha384, crypto)];
        }

        return [new(SuiteParameters.Of(CipherSuite.Aes128GcmSha256, crypto)!, psk.Identity, psk.Key.Span, "ext binder"u8.ToArray())];
    }

    /// <summary>The key of an identity that a client offers, if it stands for this external key and the suite's hash; null otherwise, and cheaply so.</summary>
    public static OfferedPsk? Match(ExternalPsk psk, SuiteParameters suite, ReadOnlySpan<byte> identity, CryptoProvider crypto)
    {
        var hashed = suite.Suite == CipherSuite.Aes256GcmSha384 ? CipherSuite.Aes256GcmSha384 : CipherSuite.Aes128GcmSha256;
        if (psk.IsImported)
        {
            return identity.SequenceEqual(ImportedIdentity(psk, hashed)) ? Import(psk, hashed, crypto) : null;
        }

        return hashed == CipherSuite.Aes128GcmSha256 && identity.SequenceEqual(psk.Identity.Span) ? OfExternal(psk, crypto).Single() : null;
    }

    /// <summary>The binder over a transcript that the truncated ClientHello ends.</summary>
    public void ComputeBinder(Transcript transcript, ReadOnlySpan<byte> truncatedHello, Span<byte> binder)
    {
        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        transcript.CopyDigestWith(Suite.Hash, truncatedHello, hash);
        using EarlyStage stage = new(Suite, Psk.Span);
        stage.ComputeBinder(BinderLabel, hash[..Suite.HashBytes], binder);
    }

    public void Dispose() => Psk.Dispose();

    private static OfferedPsk Import(ExternalPsk psk, CipherSuite suite, CryptoProvider crypto)
    {
        var parameters = SuiteParameters.Of(suite, crypto)!;
        var identity = ImportedIdentity(psk, suite);
        Span<byte> extracted = stackalloc byte[32];
        Span<byte> hash = stackalloc byte[32];
        Span<byte> imported = stackalloc byte[SuiteParameters.MaxHashBytes];
        imported = imported[..parameters.HashBytes];
        Hkdf.Extract(crypto.HmacSha256, [], psk.Key.Span, extracted);
        crypto.Sha256.Hash(identity, hash);
        HkdfLabel.Expand(crypto.HmacSha256, extracted, "derived psk"u8, hash, imported);
        OfferedPsk offered = new(parameters, identity, imported, "imp binder"u8.ToArray());
        SecretBytes.Erase(extracted);
        SecretBytes.Erase(imported);
        return offered;
    }

    /// <summary>ImportedIdentity (RFC 9258 section 4.1).</summary>
    private static byte[] ImportedIdentity(ExternalPsk psk, CipherSuite suite)
    {
        var identity = new byte[2 + psk.Identity.Length + 2 + psk.Context.Length + 4];
        BinaryPrimitives.WriteUInt16BigEndian(identity, (ushort)psk.Identity.Length);
        psk.Identity.CopyTo(identity.AsMemory(2));
        var rest = identity.AsSpan(2 + psk.Identity.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)psk.Context.Length);
        psk.Context.Span.CopyTo(rest[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(rest[^4..], Versions.Tls13);
        BinaryPrimitives.WriteUInt16BigEndian(rest[^2..], suite == CipherSuite.Aes256GcmSha384 ? (ushort)2 : (ushort)1); // HKDF_SHA384, HKDF_SHA256
        return identity;
    }
}
