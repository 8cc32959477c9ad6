using System.Buffers.Binary;

namespace Kadath.Crypto;

/// <summary>Numbers as sparse signed digits, for multiplying points by scalars that are public.</summary>
internal static class NonAdjacentForm
{
    /// <summary>Writes a big-endian number of 8n bytes, see <see cref="Write(ReadOnlySpan{ulong}, Span{sbyte}, int)"/>.</summary>
    public static void Write(ReadOnlySpan<byte> number, Span<sbyte> digits, int width)
    {
        Span<ulong> words = stackalloc ulong[(number.Length / 8) + 1];
        words[^1] = 0;
        for (var i = 0; i < words.Length - 1; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64BigEndian(number[^(8 * (i + 1))..]);
        }

        Write(words, digits, width);
    }

    /// <summary>Writes the number in non-adjacent form of the given width: digits are zero or odd, below 2^(width-1) in size, and at most one in any <paramref name="width"/> in a row is not zero. Public.</summary>
    /// <param name="words">The number, lowest word first; the last word is zero.</param>
    /// <param name="digits">Room for one digit more than the number has bits.</param>
    /// <param name="width">Two or more, below eight or so.</param>
    public static void Write(ReadOnlySpan<ulong> words, Span<sbyte> digits, int width)
    {
        digits.Clear();
        var modulus = 1UL << width;
        var carry = 0UL;
        for (var position = 0; position < digits.Length;)
        {
            int word = position >> 6, bit = position & 63;
            var bits = words[word] >> bit;
            if (bit > 64 - width && word + 1 < words.Length)
            {
                bits |= words[word + 1] << (64 - bit);
            }

            var window = carry + (bits & (modulus - 1));
            if ((window & 1) == 0)
            {
                position++;
                continue;
            }

            carry = window >> (width - 1);
            digits[position] = (sbyte)((int)window - (int)(carry << width));
            position += width;
        }
    }
}
