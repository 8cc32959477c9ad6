namespace Kadath.Primitives;

/// <summary>The strict judgement of bencoded values.</summary>
internal static class BencodeCanon
{
    /// <summary>See <see cref="BencodeReader.IsCanonical"/>.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> data)
    {
        var reader = new BencodeReader(data);
        Span<Level> levels = stackalloc Level[BencodeLimits.MaxDepth];
        int depth = 0;
        do
        {
            BencodeKind kind = reader.Peek();
            if (kind == BencodeKind.End && depth > 0 && !levels[depth - 1].ValueDue)
            {
                reader.TryEnd();
                depth--;
            }
            else if (depth > 0 && levels[depth - 1].Dictionary && !levels[depth - 1].ValueDue)
            {
                if (!TakeKey(ref reader, data, ref levels[depth - 1]))
                {
                    return false;
                }

                continue;
            }
            else if (kind is BencodeKind.List or BencodeKind.Dictionary)
            {
                bool dictionary = kind == BencodeKind.Dictionary;
                if (depth == BencodeLimits.MaxDepth || !(dictionary ? reader.TryBeginDictionary() : reader.TryBeginList()))
                {
                    return false;
                }

                if (depth > 0)
                {
                    levels[depth - 1].ValueDue = false;
                }

                levels[depth++] = new() { Dictionary = dictionary, KeyStart = -1 };
                continue;
            }
            else if (!(kind == BencodeKind.String ? TakeString(ref reader, data, out _, out _) : TakeInteger(ref reader)))
            {
                return false;
            }
            else if (depth > 0)
            {
                levels[depth - 1].ValueDue = false;
            }
        }
        while (depth > 0);
        return reader.AtEnd;
    }

    private static bool TakeKey(ref BencodeReader reader, ReadOnlySpan<byte> data, ref Level level)
    {
        if (!TakeString(ref reader, data, out int start, out int length))
        {
            return false;
        }

        bool first = level.KeyStart < 0;
        if (!first && data.Slice(level.KeyStart, level.KeyLength).SequenceCompareTo(data.Slice(start, length)) >= 0)
        {
            return false;
        }

        (level.KeyStart, level.KeyLength, level.ValueDue) = (start, length, true);
        return true;
    }

    private static bool TakeString(ref BencodeReader reader, ReadOnlySpan<byte> data, out int start, out int length)
    {
        int at = reader.Position;
        return reader.TryReadString(out start, out length) && (data[at] != '0' || start == at + 2);
    }

    private static bool TakeInteger(ref BencodeReader reader)
    {
        if (!reader.IntegerText(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        ReadOnlySpan<byte> digits = text[0] == '-' ? text[1..] : text;
        return (digits[0] != '0' || text.Length == 1) && reader.SkipInteger();
    }

    private struct Level
    {
        public bool Dictionary;
        public bool ValueDue;
        public int KeyStart;
        public int KeyLength;
    }
}
