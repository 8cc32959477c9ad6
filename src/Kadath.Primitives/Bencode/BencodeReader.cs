using System.Runtime.CompilerServices;

namespace Kadath.Primitives;

/// <summary>
/// A cursor over bencoded bytes (BEP 3) of a peer. It never throws and never allocates; every method returns false for what it cannot take,
/// and stays where it was unless a bound was reached. Tolerant as real nodes need it: keys in any order, integers with leading zeros or a negative
/// zero. <see cref="IsCanonical"/> is the strict judgement that BEP 44 asks for.
/// </summary>
public ref struct BencodeReader
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;
    private int _tokens;

    /// <summary>A cursor at the start of the data.</summary>
    public BencodeReader(ReadOnlySpan<byte> data)
    {
        _data = data;
        _position = 0;
        _tokens = 0;
    }

    /// <summary>Offset of the next token.</summary>
    public readonly int Position => _position;

    /// <summary>True when everything was read.</summary>
    public readonly bool AtEnd => _position == _data.Length;

    /// <summary>What stands at the position.</summary>
    public readonly BencodeKind Peek() => (uint)_position >= (uint)_data.Length ? BencodeKind.None : _data[_position] switch
    {
        >= (byte)'0' and <= (byte)'9' => BencodeKind.String,
        (byte)'i' => BencodeKind.Integer,
        (byte)'l' => BencodeKind.List,
        (byte)'d' => BencodeKind.Dictionary,
        (byte)'e' => BencodeKind.End,
        _ => BencodeKind.None,
    };

    /// <summary>Steps into a dictionary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeginDictionary() => TryTake((byte)'d') && ++_tokens <= BencodeLimits.MaxTokens;

    /// <summary>Steps into a list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeginList() => TryTake((byte)'l') && ++_tokens <= BencodeLimits.MaxTokens;

    /// <summary>Steps out of a list or dictionary if it ends here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnd() => TryTake((byte)'e');

    /// <summary>Reads a byte string as a slice of the data.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadString(out ReadOnlySpan<byte> value)
    {
        bool ok = TryReadString(out int start, out int length);
        value = ok ? _data.Slice(start, length) : default;
        return ok;
    }

    /// <summary>Reads a byte string as offset and length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadString(out int start, out int length)
    {
        ReadOnlySpan<byte> data = _data;
        int at = _position;
        // Nearly every string of a message has a length of one or two digits.
        if ((uint)(at + 2) < (uint)data.Length)
        {
            uint first = data[at] - (uint)'0', second = data[at + 1] - (uint)'0';
            if (first <= 9)
            {
                if (data[at + 1] == ':')
                {
                    return TakeString(at + 2, (int)first, out start, out length);
                }

                if (second <= 9 && data[at + 2] == ':' && first != 0)
                {
                    return TakeString(at + 3, (int)((first * 10) + second), out start, out length);
                }
            }
        }

        return TryReadLongString(out start, out length);
    }

    /// <summary>Reads an integer that fits 64 bits. Leading zeros and negative zero are tolerated.</summary>
    public bool TryReadInteger(out long value)
    {
        value = 0;
        if (!IntegerText(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        bool negative = text[0] == '-';
        Int128 sum = 0;
        foreach (byte digit in negative ? text[1..] : text)
        {
            sum = (sum * 10) + (digit - '0');
            if (sum > (Int128)long.MaxValue + 1)
            {
                return false;
            }
        }

        sum = negative ? -sum : sum;
        if (sum > long.MaxValue)
        {
            return false;
        }

        value = (long)sum;
        Advance(text.Length + 2);
        return true;
    }

    /// <summary>Steps over one whole value of any kind, within <see cref="BencodeLimits"/>.</summary>
    public bool TrySkip()
    {
        int before = _position;
        // One bit per open container: set for a dictionary, whose next token must be a key unless a value is due.
        uint dictionaries = 0;
        bool valueDue = false;
        int depth = 0;
        do
        {
            bool inDictionary = depth > 0 && (dictionaries & (1u << (depth - 1))) != 0;
            BencodeKind kind = Peek();
            if (kind == BencodeKind.End && depth > 0 && !valueDue)
            {
                _position++;
                depth--;
            }
            else if (inDictionary && !valueDue)
            {
                if (!TryReadString(out int _, out int _))
                {
                    return Fail(before);
                }

                valueDue = true;
                continue;
            }
            else if (kind is BencodeKind.List or BencodeKind.Dictionary)
            {
                if (depth == BencodeLimits.MaxDepth || ++_tokens > BencodeLimits.MaxTokens)
                {
                    return Fail(before);
                }

                _position++;
                uint bit = 1u << depth++;
                dictionaries = kind == BencodeKind.Dictionary ? dictionaries | bit : dictionaries & ~bit;
            }
            else if (!(kind == BencodeKind.String ? TryReadString(out int _, out int _) : kind == BencodeKind.Integer && SkipInteger()))
            {
                return Fail(before);
            }

            valueDue = false;
        }
        while (depth > 0);
        return true;
    }

    /// <summary>Reads one whole value as the slice of raw bytes that encode it.</summary>
    public bool TryReadRaw(out ReadOnlySpan<byte> raw)
    {
        int start = _position;
        bool ok = TrySkip();
        raw = ok ? _data[start.._position] : default;
        return ok;
    }

    /// <summary>
    /// True if the bytes are exactly one value in canonical form: dictionary keys sorted as raw strings and unique, no leading zeros in
    /// integers or lengths, no negative zero, nothing behind the value (BEP 3; BEP 44 demands it of values that are stored).
    /// </summary>
    public static bool IsCanonical(ReadOnlySpan<byte> data) => BencodeCanon.IsCanonical(data);

    internal bool IntegerText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if ((uint)_position >= (uint)_data.Length || _data[_position] != 'i')
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _data[(_position + 1)..];
        int end = rest[..Math.Min(rest.Length, BencodeLimits.MaxIntegerCharacters + 1)].IndexOf((byte)'e');
        if (end <= 0)
        {
            return false;
        }

        text = rest[..end];
        ReadOnlySpan<byte> digits = text[0] == '-' ? text[1..] : text;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && _tokens < BencodeLimits.MaxTokens;
    }

    internal bool SkipInteger()
    {
        if (!IntegerText(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        Advance(text.Length + 2);
        return true;
    }

    private void Advance(int bytes)
    {
        _position += bytes;
        _tokens++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TakeString(int start, int length, out int valueStart, out int valueLength)
    {
        valueStart = start;
        valueLength = length;
        if ((uint)length > (uint)(_data.Length - start) || _tokens == BencodeLimits.MaxTokens)
        {
            return false;
        }

        _position = start + length;
        _tokens++;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadLongString(out int start, out int length)
    {
        start = length = 0;
        int at = _position, size = 0, digits = 0;
        for (; (uint)at < (uint)_data.Length && _data[at] - (uint)'0' <= 9; at++, digits++)
        {
            size = (size * 10) + (_data[at] - '0');
            if (digits == BencodeLimits.MaxLengthDigits)
            {
                return false;
            }
        }

        return digits > 0 && (uint)at < (uint)_data.Length && _data[at] == ':' && TakeString(at + 1, size, out start, out length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTake(byte token)
    {
        if ((uint)_position < (uint)_data.Length && _data[_position] == token)
        {
            _position++;
            return true;
        }

        return false;
    }

    private bool Fail(int position)
    {
        _position = position;
        return false;
    }
}
