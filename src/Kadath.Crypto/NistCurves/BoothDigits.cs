using System.Buffers.Binary;

namespace Kadath.Crypto;

/// <summary>A scalar of a NIST curve as signed digits of -16 to 16 in radix 32, each read from six bits on its own. Constant-time.</summary>
internal ref struct BoothDigits
{
    public const int Width = 5;

    private readonly Span<ulong> _words;

    /// <summary>Takes k from 1 to n - 1 as the one of k + n and k + 2n that has one bit more than n: the same multiple of any point, but its top digit is never zero, so that no prefix of the digits but the whole makes infinity.</summary>
    /// <param name="words">Room, one word more than the scalar fills; to be erased by the caller.</param>
    /// <param name="scalar">k, big-endian.</param>
    /// <param name="order">n, big-endian.</param>
    public BoothDigits(Span<ulong> words, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> order)
    {
        words.Clear();
        var top = words.Length - 1;
        for (var i = 0; i < top; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64BigEndian(scalar[^(8 * (i + 1))..]);
        }

        Add(words, order, ulong.MaxValue);
        Add(words, order, words[top] - 1);
        _words = words;
    }

    /// <summary>How many digits a scalar with so many bits has: the order's, the one more, and a zero that makes the top digit positive.</summary>
    public static int Count(int orderBits) => (orderBits + 1 + Width) / Width;

    /// <summary>Words that the digits of a scalar need.</summary>
    public static int Words(int orderBytes) => (orderBytes / 8) + 1;

    /// <summary>One digit as its size, 0 to 16, and a mask that is all ones if it is negative.</summary>
    public readonly void Read(int index, out uint size, out ulong negative)
    {
        // Bits 5i - 1 to 5i + 4; below the lowest there is a zero.
        var position = (Width * index) - 1;
        ulong bits;
        if (position < 0)
        {
            bits = _words[0] << 1;
        }
        else
        {
            int word = position >> 6, shift = position & 63;
            bits = _words[word] >> shift;
            if (shift > 58 && word + 1 < _words.Length)
            {
                bits |= _words[word + 1] << (64 - shift);
            }
        }

        negative = 0 - ((bits >> Width) & 1);
        var magnitude = (bits ^ negative) & 63;
        size = (uint)((magnitude >> 1) + (magnitude & 1));
    }

    /// <summary>Adds n where the mask is all ones.</summary>
    private static void Add(Span<ulong> words, ReadOnlySpan<byte> order, ulong mask)
    {
        var carry = 0UL;
        for (var i = 0; i < words.Length; i++)
        {
            var addend = i < words.Length - 1 ? BinaryPrimitives.ReadUInt64BigEndian(order[^(8 * (i + 1))..]) & mask : 0;
            var sum = words[i] + addend + carry;
            carry = ((words[i] & addend) | ((words[i] | addend) & ~sum)) >> 63;
            words[i] = sum;
        }
    }
}
