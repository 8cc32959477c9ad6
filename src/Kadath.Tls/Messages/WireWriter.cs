using System.Buffers.Binary;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>
/// Bytes that grow at the end and are taken from the front. The memory is kept for reuse, so that a connection at work allocates
/// nothing, and is pinned, so that the collector leaves no copies of what was in it.
/// </summary>
internal sealed class WireWriter : IDisposable
{
    private byte[] _bytes = [];
    private int _start, _end;

    public int Length => _end - _start;

    /// <summary>Bytes of memory that are held.</summary>
    public int Capacity => _bytes.Length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(_start, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(_start, Length);

    /// <summary>Bytes of what was written, for filling in later.</summary>
    public Span<byte> this[Range range] => _bytes.AsSpan(_start, Length)[range];

    public void UInt8(byte value) => Reserve(1)[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void Vector8(ReadOnlySpan<byte> value)
    {
        UInt8(checked((byte)value.Length));
        Bytes(value);
    }

    public void Vector16(ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        Bytes(value);
    }

    /// <summary>Leaves room for a length of <paramref name="lengthBytes"/> bytes and returns where the vector's contents begin.</summary>
    public int Begin(int lengthBytes)
    {
        Reserve(lengthBytes).Clear();
        return Length;
    }

    /// <summary>Fills in the length of the vector that began at <paramref name="start"/>.</summary>
    public void End(int start, int lengthBytes)
    {
        var length = Length - start;
        if (length >= 1 << (8 * lengthBytes))
        {
            throw new InvalidOperationException("A vector is longer than its length can say.");
        }

        var field = this[(start - lengthBytes)..start];
        for (var i = field.Length - 1; i >= 0; i--, length >>= 8)
        {
            field[i] = (byte)length;
        }
    }

    /// <summary>Begins an extension: type, then room for the length.</summary>
    public int BeginExtension(ExtensionType type)
    {
        UInt16((ushort)type);
        return Begin(2);
    }

    /// <summary>Begins a handshake message: type, then room for the length.</summary>
    public int BeginMessage(HandshakeType type)
    {
        UInt8((byte)type);
        return Begin(3);
    }

    /// <summary>Appends <paramref name="count"/> bytes for the caller to fill.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _end < count)
        {
            MakeRoom(count);
        }

        var span = _bytes.AsSpan(_end, count);
        _end += count;
        return span;
    }

    /// <summary>Takes back what was reserved last and not filled.</summary>
    public void TrimEnd(int count) => _end -= count;

    /// <summary>Drops bytes from the front.</summary>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Length);
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    public void Clear() => _start = _end = 0;

    /// <summary>Erases the memory and lets it go.</summary>
    public void Dispose()
    {
        SecretBytes.Erase(_bytes);
        _bytes = [];
        Clear();
    }

    private void MakeRoom(int count)
    {
        if (_start > 0 && _bytes.Length - Length >= count)
        {
            Written.CopyTo(_bytes);
        }
        else
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(Length + count, Math.Max(512, 2 * _bytes.Length)), pinned: true);
            Written.CopyTo(larger);
            SecretBytes.Erase(_bytes);
            _bytes = larger;
        }

        (_start, _end) = (0, Length);
    }
}
