using System.Buffers.Binary;
using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Mainline.Queries;

/// <summary>
/// Write tokens: 8 bytes of SipHash-2-4 over IP address and target, under a key of a 5-minute window; the current and the previous window are
/// accepted. Bound to neither port, method nor id, which peers change between get and store. The keys of windows are derived with HMAC-SHA-256
/// from one secret, so that nodes that share it take each other's tokens, and no token tells anything of the next window's key.
/// </summary>
internal sealed class WriteTokens
{
    /// <summary>Bytes of a token: guessing one takes 2^63 datagrams within ten minutes.</summary>
    public const int Size = 8;

    /// <summary>BEP 5: "the secret changes every five minutes and tokens up to ten minutes old are accepted".</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly CryptoProvider _crypto;
    private readonly byte[] _secret = new byte[32];
    private long _window = long.MinValue;
    private SipHashKey _current;
    private SipHashKey _previous;

    public WriteTokens(EntropyStream entropy, CryptoProvider crypto)
    {
        _crypto = crypto;
        entropy.Fill(_secret);
    }

    /// <summary>Writes the 8 bytes that the address may store with, at this target.</summary>
    public void Write(Span<byte> token, in Endpoint address, in Id160 target, Instant now)
    {
        Turn(now);
        BinaryPrimitives.WriteUInt64LittleEndian(token, Mac(_current, address, target));
    }

    /// <summary>Whether the token was given to this address for this target in this window or the one before.</summary>
    public bool Check(ReadOnlySpan<byte> token, in Endpoint address, in Id160 target, Instant now)
    {
        if (token.Length != Size)
        {
            return false;
        }

        Turn(now);
        Span<byte> expected = stackalloc byte[2 * Size];
        BinaryPrimitives.WriteUInt64LittleEndian(expected, Mac(_current, address, target));
        BinaryPrimitives.WriteUInt64LittleEndian(expected[Size..], Mac(_previous, address, target));
        return ConstantTime.AreEqual(token, expected[..Size]) | ConstantTime.AreEqual(token, expected[Size..]);
    }

    private void Turn(Instant now)
    {
        long window = now.Ticks / Window.Ticks;
        if (window != _window)
        {
            _previous = window == _window + 1 ? _current : Key(window - 1);
            _current = Key(window);
            _window = window;
        }
    }

    private SipHashKey Key(long window)
    {
        Span<byte> label = stackalloc byte[24];
        "mainline tokens "u8.CopyTo(label);
        BinaryPrimitives.WriteInt64BigEndian(label[16..], window);
        Span<byte> key = stackalloc byte[32];
        _crypto.HmacSha256.Compute(_secret, label, key);
        return SipHashKey.FromBytes(key[..SipHashKey.Length]);
    }

    private ulong Mac(SipHashKey key, in Endpoint address, in Id160 target)
    {
        Span<byte> data = stackalloc byte[36];
        int length = address.WriteAddress(data);
        target.Write(data[length..]);
        return _crypto.SipHash.Hash(key, data[..(length + 20)]);
    }
}
