using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>What is derived from traffic secrets (RFC 9846 sections 4.4.4, 7.2 to 7.5).</summary>
internal static class TrafficSecrets
{
    /// <summary>The verify_data of a Finished or the binder of a key: an HMAC over a transcript hash under the finished key of a secret.</summary>
    public static void ComputeFinished(SuiteParameters suite, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> transcriptHash, Span<byte> verifyData)
    {
        Span<byte> key = stackalloc byte[SuiteParameters.MaxHashBytes];
        key = key[..suite.HashBytes];
        HkdfLabel.Expand(suite.Hmac, secret, "finished"u8, [], key);
        suite.Hmac.Compute(key, transcriptHash, verifyData);
        SecretBytes.Erase(key);
    }

    /// <summary>Replaces an application traffic secret by the next one (KeyUpdate, section 7.2).</summary>
    public static void Update(SuiteParameters suite, Span<byte> secret)
    {
        Span<byte> next = stackalloc byte[SuiteParameters.MaxHashBytes];
        next = next[..suite.HashBytes];
        HkdfLabel.Expand(suite.Hmac, secret, "traffic upd"u8, [], next);
        next.CopyTo(secret);
        SecretBytes.Erase(next);
    }

    /// <summary>The pre-shared key of a ticket (section 4.6.1).</summary>
    public static void ComputeResumptionPsk(SuiteParameters suite, ReadOnlySpan<byte> resumptionSecret, ReadOnlySpan<byte> nonce, Span<byte> psk) =>
        HkdfLabel.Expand(suite.Hmac, resumptionSecret, "resumption"u8, nonce, psk[..suite.HashBytes]);

    /// <summary>Exported keying material (section 7.5).</summary>
    public static void Export(SuiteParameters suite, ReadOnlySpan<byte> exporterSecret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        hash = hash[..suite.HashBytes];
        Span<byte> secret = stackalloc byte[SuiteParameters.MaxHashBytes];
        secret = secret[..suite.HashBytes];
        suite.Hash.Hash([], hash);
        HkdfLabel.Expand(suite.Hmac, exporterSecret, label, hash, secret);
        suite.Hash.Hash(context, hash);
        HkdfLabel.Expand(suite.Hmac, secret, "exporter"u8, hash, output);
        SecretBytes.Erase(secret);
    }
}
