namespace Kadath.Tls;

/// <summary>
/// A cursor over DER (ITU-T X.690) of a peer. It never throws and never allocates; every method returns false for what it cannot take, and stays
/// where it was. Strict: one-byte tags, definite lengths in the shortest form, so that what was parsed has no second encoding.
/// </summary>
internal ref struct DerReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>A cursor at the start of the data.</summary>
    public DerReader(ReadOnlySpan<byte> data) => _rest = data;

    /// <summary>True when everything was read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>The tag that stands at the position; zero, which no element has, at the end.</summary>
    public readonly byte PeekTag => _rest.IsEmpty ? (byte)0 : _rest[0];

    /// <summary>Reads any element.</summary>
    /// <param name="tag">Its tag byte.</param>
    /// <param name="content">Its content, a slice of the data.</param>
    /// <param name="encoded">The whole element, header included.</param>
    public bool TryReadAny(out byte tag, out ReadOnlySpan<byte> content, out ReadOnlySpan<byte> encoded)
    {
        tag = 0;
        content = default;
        encoded = default;
        if (_rest.Length < 2 || (_rest[0] & 0x1f) == 0x1f || _rest[0] == 0)
        {
            return false;
        }

        int length = _rest[1], header = 2;
        if (length >= 0x80)
        {
            // Three bytes of length are enough for every certificate message of TLS, and keep the sum below from overflowing.
            int bytes = length & 0x7f;
            if (bytes is 0 or > 3 || _rest.Length < 2 + bytes || _rest[2] == 0)
            {
                return false;
            }

            length = 0;
            for (; header < 2 + bytes; header++)
            {
                length = (length << 8) | _rest[header];
            }

            if (length < 0x80)
            {
                return false;
            }
        }

        if (length > _rest.Length - header)
        {
            return false;
        }

        tag = _rest[0];
        content = _rest.Slice(header, length);
        encoded = _rest[..(header + length)];
        _rest = _rest[(header + length)..];
        return true;
    }

    /// <summary>Reads an element with this tag.</summary>
    public bool TryRead(byte expected, out ReadOnlySpan<byte> content) => TryRead(expected, out content, out _);

    /// <summary>Reads an element with this tag, and hands out its whole encoding as well.</summary>
    public bool TryRead(byte expected, out ReadOnlySpan<byte> content, out ReadOnlySpan<byte> encoded)
    {
        if (PeekTag == expected && TryReadAny(out _, out content, out encoded))
        {
            return true;
        }

        content = default;
        encoded = default;
        return false;
    }

    /// <summary>Steps into an element with this tag.</summary>
    public bool TryEnter(byte expected, out DerReader inner)
    {
        bool ok = TryRead(expected, out ReadOnlySpan<byte> content);
        inner = new DerReader(content);
        return ok;
    }

    /// <summary>Reads a BOOLEAN: 0x00 or 0xff.</summary>
    public bool TryReadBoolean(out bool value)
    {
        DerReader before = this;
        if (TryRead(DerTag.Boolean, out ReadOnlySpan<byte> content) && content.Length == 1 && content[0] is 0 or 0xff)
        {
            value = content[0] != 0;
            return true;
        }

        this = before;
        value = false;
        return false;
    }

    /// <summary>Reads a non-negative INTEGER as its big-endian magnitude without leading zeros; zero is one zero byte.</summary>
    public bool TryReadNatural(out ReadOnlySpan<byte> magnitude)
    {
        DerReader before = this;
        if (TryRead(DerTag.Integer, out ReadOnlySpan<byte> content) && content.Length > 0 && content[0] < 0x80
            && (content.Length == 1 || content[0] != 0 || content[1] >= 0x80))
        {
            magnitude = content.Length > 1 && content[0] == 0 ? content[1..] : content;
            return true;
        }

        this = before;
        magnitude = default;
        return false;
    }

    /// <summary>Reads a non-negative INTEGER below 2³¹.</summary>
    public bool TryReadSmall(out int value)
    {
        DerReader before = this;
        value = 0;
        if (!TryReadNatural(out ReadOnlySpan<byte> magnitude) || magnitude.Length > 4 || (magnitude.Length == 4 && magnitude[0] >= 0x80))
        {
            this = before;
            return false;
        }

        foreach (byte next in magnitude)
        {
            value = (value << 8) | next;
        }

        return true;
    }

    /// <summary>Reads a BIT STRING of whole bytes, as keys and signatures are.</summary>
    public bool TryReadBitString(out ReadOnlySpan<byte> bytes)
    {
        DerReader before = this;
        if (TryRead(DerTag.BitString, out ReadOnlySpan<byte> content) && content.Length > 0 && content[0] == 0)
        {
            bytes = content[1..];
            return true;
        }

        this = before;
        bytes = default;
        return false;
    }

    /// <summary>Reads a BIT STRING of named bits (at most sixteen): the first bit is the highest of the result.</summary>
    public bool TryReadNamedBits(out ushort bits)
    {
        DerReader before = this;
        bits = 0;
        if (!TryRead(DerTag.BitString, out ReadOnlySpan<byte> content) || content.Length is 0 or > 3 || content[0] > 7
            || (content.Length == 1 && content[0] != 0)
            || (content.Length > 1 && (content[^1] & ((1 << content[0]) - 1)) != 0))
        {
            this = before;
            return false;
        }

        bits = (ushort)((content.Length > 1 ? content[1] << 8 : 0) | (content.Length > 2 ? content[2] : 0));
        return true;
    }

    /// <summary>Reads a Time of X.509: UTCTime or GeneralizedTime, in UTC and with seconds (RFC 5280 section 4.1.2.5).</summary>
    public bool TryReadTime(out DateTimeOffset time)
    {
        DerReader before = this;
        if (TryReadAny(out byte tag, out ReadOnlySpan<byte> text, out _) && DerTime.TryParse(tag, text, out time))
        {
            return true;
        }

        this = before;
        time = default;
        return false;
    }
}
