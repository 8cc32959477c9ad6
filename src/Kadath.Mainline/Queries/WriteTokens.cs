using System.Buffers.Binary;
using System.Security.Cryptography;
using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Mainline.Queries;

/// <summary>
/// Write tokens: 8 bytes of SipHash-2-4 over IP address and target, under a key of a 5-minute window; the current and the previous window are
/// accepted. Bound to neither port, method nor id, which peers change between get and store. The keys of windows are derived with HMAC-SHA-256
/// from the secret of a day, and that from the one of the day before, which is erased: what is read out of a node's memory opens neither the
/// tokens of the past nor, where the secret is the node's own, those of any other node.
/// </summary>
/// <remarks>
/// Sister nodes that share a base secret and a clock agree in everything, whenever each of them was started: the days are counted from one
/// origin. The clock is the driver's, moved by what <see cref="Align"/> was told; without that, windows begin where the driver's clock does.
/// </remarks>
internal sealed class WriteTokens
{
    /// <summary>Bytes of a token: guessing one takes 2^63 datagrams within ten minutes.</summary>
    public const int Size = 8;

    /// <summary>Bytes of a secret: what HMAC-SHA-256 makes.</summary>
    public const int SecretSize = 32;

    // 2020-01-01 and 2200-01-01 in Unix seconds: from the origin of the days to a clock that is plainly wrong. A sister that starts in
    // between walks a few thousand days, a microsecond each.
    private const long Origin = 1_577_836_800, LastSecond = 7_258_118_400;

    /// <summary>BEP 5: "the secret changes every five minutes and tokens up to ten minutes old are accepted".</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private static readonly long WindowsPerDay = TimeSpan.TicksPerDay / Window.Ticks;
    private static readonly long OriginWindow = Origin * TimeSpan.TicksPerSecond / Window.Ticks;

    private readonly CryptoProvider _crypto;
    private readonly byte[] _secret = new byte[SecretSize];
    private long _day;
    private long _window = long.MinValue;
    private long _ahead;
    private SipHashKey _current;
    private SipHashKey _previous;

    /// <summary>Tokens of this node alone, from a secret that nobody else has.</summary>
    public WriteTokens(EntropyStream entropy, CryptoProvider crypto)
    {
        _crypto = crypto;
        _day = -1;
        entropy.Fill(_secret);
    }

    /// <summary>Tokens that every node with this base secret takes. The secret is not kept.</summary>
    public WriteTokens(ReadOnlySpan<byte> shared, CryptoProvider crypto)
    {
        _crypto = crypto;
        Derive(shared, "mainline secret "u8, 0, _secret);
    }

    /// <summary>
    /// Says what the wall clock shows, so that the windows of sisters begin together. False for a time that cannot be, or one whose day this
    /// node's secret has left behind already: the windows then go on as they were.
    /// </summary>
    public bool Align(long unixMilliseconds, Instant now)
    {
        long ahead = (unixMilliseconds * TimeSpan.TicksPerMillisecond) - now.Ticks;
        bool possible = unixMilliseconds is >= Origin * 1000 and < LastSecond * 1000
            && DayOf(((now.Ticks + ahead) / Window.Ticks) - 1) >= (_window == long.MinValue ? 0 : _day);
        _ahead = possible ? ahead : _ahead;
        return possible;
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
        long window = (now.Ticks + _ahead) / Window.Ticks;
        if (window == _window)
        {
            return;
        }

        if (_day < 0)
        {
            _day = DayOf(window - 1);
        }

        _previous = window == _window + 1 ? _current : Key(window - 1);
        _current = Key(window);
        _window = window;
    }

    // Before the origin, which only clocks without a calendar show, all windows belong to the first day.
    private static long DayOf(long window) => Math.Max(0, (window - OriginWindow) / WindowsPerDay);

    private SipHashKey Key(long window)
    {
        for (long day = DayOf(window); _day < day; _day++)
        {
            Derive(_secret, "mainline secret "u8, _day + 1, _secret);
        }

        Span<byte> key = stackalloc byte[SecretSize];
        Derive(_secret, "mainline tokens "u8, window, key);
        SipHashKey windowKey = SipHashKey.FromBytes(key[..SipHashKey.Length]);
        CryptographicOperations.ZeroMemory(key);
        return windowKey;
    }

    private void Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> purpose, long number, Span<byte> into)
    {
        Span<byte> label = stackalloc byte[24], derived = stackalloc byte[SecretSize];
        purpose.CopyTo(label);
        BinaryPrimitives.WriteInt64BigEndian(label[16..], number);
        _crypto.HmacSha256.Compute(secret, label, derived);
        derived.CopyTo(into);
        CryptographicOperations.ZeroMemory(derived);
    }

    private ulong Mac(SipHashKey key, in Endpoint address, in Id160 target)
    {
        Span<byte> data = stackalloc byte[36];
        int length = address.WriteAddress(data);
        target.Write(data[length..]);
        return _crypto.SipHash.Hash(key, data[..(length + 20)]);
    }
}
