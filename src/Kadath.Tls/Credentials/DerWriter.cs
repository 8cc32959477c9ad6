using System.Text;

namespace Kadath.Tls;

/// <summary>Writes DER (ITU-T X.690). For certificates and keys of our own, which are made once: it grows as needed.</summary>
internal sealed class DerWriter
{
    private readonly Stack<int> _open = [];
    private byte[] _buffer = new byte[512];
    private int _length;

    /// <summary>What was written; every element must have been closed.</summary>
    public byte[] ToArray() => _open.Count == 0 ? _buffer[.._length] : throw new InvalidOperationException("an element is still open");

    /// <summary>Opens a constructed element; <see cref="End"/> closes it.</summary>
    public DerWriter Begin(byte tag)
    {
        Raw([tag]);
        _open.Push(_length);
        return this;
    }

    /// <summary>Closes the element that was opened last, and gives it its length.</summary>
    public DerWriter End()
    {
        int start = _open.Pop(), content = _length - start;
        Span<byte> header = stackalloc byte[4];
        int count = WriteLength(content, header);
        Room(count);
        _buffer.AsSpan(start, content).CopyTo(_buffer.AsSpan(start + count));
        header[..count].CopyTo(_buffer.AsSpan(start));
        _length += count;
        return this;
    }

    /// <summary>An element with this tag and content.</summary>
    public DerWriter Element(byte tag, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[4];
        Raw([tag]);
        Raw(header[..WriteLength(content.Length, header)]);
        return Raw(content);
    }

    /// <summary>Elements that are encoded already.</summary>
    public DerWriter Raw(ReadOnlySpan<byte> encoded)
    {
        Room(encoded.Length);
        encoded.CopyTo(_buffer.AsSpan(_length));
        _length += encoded.Length;
        return this;
    }

    /// <summary>A non-negative INTEGER from a big-endian magnitude.</summary>
    public DerWriter Natural(ReadOnlySpan<byte> magnitude)
    {
        ReadOnlySpan<byte> shortest = magnitude.TrimStart((byte)0);
        return Element(DerTag.Integer, shortest.IsEmpty ? [0] : shortest[0] >= 0x80 ? [0, .. shortest] : shortest);
    }

    /// <summary>A BIT STRING of whole bytes.</summary>
    public DerWriter BitString(ReadOnlySpan<byte> bytes) => Element(DerTag.BitString, [0, .. bytes]);

    /// <summary>An OBJECT IDENTIFIER from its encoded content.</summary>
    public DerWriter ObjectIdentifier(ReadOnlySpan<byte> identifier) => Element(DerTag.ObjectIdentifier, identifier);

    /// <summary>A Time of X.509.</summary>
    public DerWriter Time(DateTimeOffset time)
    {
        string text = DerTime.Format(time, out byte tag);
        return Element(tag, Encoding.ASCII.GetBytes(text));
    }

    private static int WriteLength(int length, Span<byte> header)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 0xffffff);
        if (length < 0x80)
        {
            header[0] = (byte)length;
            return 1;
        }

        int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
        header[0] = (byte)(0x80 | bytes);
        for (int i = 0; i < bytes; i++)
        {
            header[1 + i] = (byte)(length >> (8 * (bytes - 1 - i)));
        }

        return 1 + bytes;
    }

    private void Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        }
    }
}
