using System.Buffers.Binary;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>Seals or opens the records of one direction under one traffic secret (RFC 9846 sections 5.2 to 5.4). Allocates when it is made, never per record.</summary>
internal sealed class RecordProtector : IDisposable
{
    /// <summary>Bytes of a record's header.</summary>
    public const int HeaderBytes = 5;

    /// <summary>The most plaintext of a record.</summary>
    public const int MaxPlaintext = 1 << 14;

    /// <summary>The most that follows a protected record's header: plaintext, type, padding and tag (section 5.2).</summary>
    public const int MaxCiphertext = MaxPlaintext + 256;

    private readonly AeadKey _key;
    private readonly SecretBytes _iv = new(AeadKey.NonceBytes);

    /// <summary>Makes the keys of a traffic secret; <paramref name="limit"/> below the suite's own is for tests.</summary>
    public RecordProtector(SuiteParameters suite, ReadOnlySpan<byte> trafficSecret, ulong limit = ulong.MaxValue)
    {
        Span<byte> key = stackalloc byte[SuiteParameters.MaxKeyBytes];
        key = key[..suite.KeyBytes];
        using (var secret = suite.Hmac.CreateKey(trafficSecret))
        {
            HkdfLabel.Expand(secret, "key"u8, [], key);
            HkdfLabel.Expand(secret, "iv"u8, [], _iv.Span);
        }

        _key = suite.Aead.CreateKey(key);
        SecretBytes.Erase(key);
        Limit = Math.Min(limit, suite.RecordLimit);
    }

    /// <summary>Records so far; the next one's sequence number.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Records that this key may seal.</summary>
    public ulong Limit { get; }

    /// <summary>Bytes of a sealed record.</summary>
    public static int SealedLength(int plaintext, int padding) => HeaderBytes + plaintext + 1 + padding + AeadKey.TagBytes;

    /// <summary>Writes a record with its header; the plaintext must not overlap the output.</summary>
    /// <exception cref="InvalidOperationException">The key is used up: the caller should have updated it.</exception>
    public void Seal(ContentType type, ReadOnlySpan<byte> plaintext, int padding, Span<byte> record)
    {
        if (Sequence >= Limit)
        {
            throw new InvalidOperationException("The key has sealed as many records as it may.");
        }

        record = record[..SealedLength(plaintext.Length, padding)];
        WriteHeader(record, ContentType.ApplicationData, record.Length - HeaderBytes);
        var inner = record.Slice(HeaderBytes, plaintext.Length + 1 + padding);
        plaintext.CopyTo(inner);
        inner[plaintext.Length] = (byte)type;
        inner[(plaintext.Length + 1)..].Clear();
        Span<byte> nonce = stackalloc byte[AeadKey.NonceBytes];
        CopyNonce(nonce);
        _key.Seal(nonce, record[..HeaderBytes], inner, record[HeaderBytes..]);
        Sequence++;
    }

    /// <summary>Opens a record in place.</summary>
    /// <param name="record">Header and ciphertext.</param>
    /// <param name="plaintext">What stood before the type and the padding, as a part of <paramref name="record"/>; of any length that a record can have.</param>
    /// <param name="type">The inner type; 0 if there was nothing but padding.</param>
    /// <returns>False if the record is not authentic.</returns>
    public bool TryOpen(Span<byte> record, out Span<byte> plaintext, out ContentType type)
    {
        plaintext = default;
        type = default;
        var body = record[HeaderBytes..];
        if (body.Length < AeadKey.TagBytes || Sequence == ulong.MaxValue)
        {
            return false;
        }

        Span<byte> nonce = stackalloc byte[AeadKey.NonceBytes];
        CopyNonce(nonce);
        if (!_key.TryOpen(nonce, record[..HeaderBytes], body, body))
        {
            return false;
        }

        Sequence++;
        var inner = body[..^AeadKey.TagBytes];
        var last = inner.LastIndexOfAnyExcept((byte)0);
        if (last >= 0)
        {
            type = (ContentType)inner[last];
            plaintext = inner[..last];
        }

        return true;
    }

    public static void WriteHeader(Span<byte> record, ContentType type, int length)
    {
        record[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], Versions.Tls12);
        BinaryPrimitives.WriteUInt16BigEndian(record[3..], (ushort)length);
    }

    public void Dispose()
    {
        _key.Dispose();
        _iv.Dispose();
    }

    private void CopyNonce(Span<byte> nonce)
    {
        _iv.Span.CopyTo(nonce);
        var tail = nonce[4..];
        BinaryPrimitives.WriteUInt64BigEndian(tail, BinaryPrimitives.ReadUInt64BigEndian(tail) ^ Sequence);
    }
}

/// <summary>What a record carries (RFC 9846 section 5.1).</summary>
internal enum ContentType : byte
{
    Invalid = 0,
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}
