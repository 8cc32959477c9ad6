using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Kadath.Primitives;

/// <summary>
/// Writes bencode straight into a buffer. What does not fit is not written and sets <see cref="Overflowed"/>, so that a sequence of writes
/// needs one check at its end. The caller writes dictionary keys in sorted order.
/// </summary>
public ref struct BencodeWriter
{
    private readonly Span<byte> _buffer;
    private int _length;
    private bool _overflowed;

    /// <summary>A writer at the start of the buffer.</summary>
    public BencodeWriter(Span<byte> buffer)
    {
        _buffer = buffer;
        _length = 0;
        _overflowed = false;
    }

    /// <summary>Bytes written.</summary>
    public readonly int Length => _length;

    /// <summary>True if something did not fit: what was written is then worthless.</summary>
    public readonly bool Overflowed => _overflowed;

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>Copies bytes that are bencode already: tokens, or whole values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _length)
        {
            _overflowed = true;
            return;
        }

        bytes.CopyTo(_buffer[_length..]);
        _length += bytes.Length;
    }

    /// <summary>Writes a byte string.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void String(scoped ReadOnlySpan<byte> value)
    {
        StringHeader(value.Length);
        Raw(value);
    }

    /// <summary>Writes the length and colon of a byte string whose bytes follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StringHeader(int length)
    {
        if ((uint)length < 10 && _buffer.Length - _length >= 2)
        {
            _buffer[_length] = (byte)('0' + length);
            _buffer[_length + 1] = (byte)':';
            _length += 2;
            return;
        }

        Number(length);
        Token((byte)':');
    }

    /// <summary>Writes an integer.</summary>
    public void Integer(long value)
    {
        Token((byte)'i');
        Number(value);
        Token((byte)'e');
    }

    /// <summary>Begins a dictionary.</summary>
    public void BeginDictionary() => Token((byte)'d');

    /// <summary>Begins a list.</summary>
    public void BeginList() => Token((byte)'l');

    /// <summary>Ends a list or dictionary.</summary>
    public void End() => Token((byte)'e');

    /// <summary>Takes the next bytes of the buffer to be filled by the caller; empty, and overflowed, if they do not fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int length)
    {
        if ((uint)length > (uint)(_buffer.Length - _length))
        {
            _overflowed = true;
            return default;
        }

        Span<byte> taken = _buffer.Slice(_length, length);
        _length += length;
        return taken;
    }

    /// <summary>Goes back to an earlier length, forgetting what was written since.</summary>
    public void Rewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
        _overflowed = false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Token(byte token)
    {
        if ((uint)_length >= (uint)_buffer.Length)
        {
            _overflowed = true;
            return;
        }

        _buffer[_length++] = token;
    }

    private void Number(long value)
    {
        if (Utf8Formatter.TryFormat(value, _buffer[_length..], out int written))
        {
            _length += written;
            return;
        }

        _overflowed = true;
    }
}
