using System.Buffers.Binary;

namespace Kadath.Node;

/// <summary>One change on its way from the loop to the store.</summary>
/// <param name="Sequence">Its number, counted from 1.</param>
/// <param name="Urgent">Somebody waits for it.</param>
/// <param name="Collection">The collection's number.</param>
/// <param name="Source">The group whose quota it counts against, or 0.</param>
/// <param name="ExpiresUnixMilliseconds">Wall-clock expiry.</param>
internal readonly record struct ChangeHeader(long Sequence, bool Urgent, byte Collection, ulong Source, long ExpiresUnixMilliseconds);

/// <summary>
/// A bounded ring of bytes between one producer (the loop) and one consumer (the writer): the loop copies key and value in and allocates
/// nothing; what the store needs as arrays is made on the writer's thread.
/// </summary>
internal sealed class ChangeRing
{
    private const int HeaderSize = 40;
    private const int Skip = -1;

    private readonly byte[] _bytes;
    private long _written;
    private long _read;

    /// <param name="capacity">Bytes, a multiple of 8.</param>
    public ChangeRing(int capacity) => _bytes = new byte[capacity];

    /// <summary>Bytes that wait.</summary>
    public long Pending => Volatile.Read(ref _written) - Volatile.Read(ref _read);

    /// <summary>Adds a change; false if it does not fit.</summary>
    public bool TryWrite(in ChangeHeader header, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int need = Align(HeaderSize + key.Length + value.Length);
        int at = (int)(_written % _bytes.Length), tail = _bytes.Length - at;
        int skipped = tail < need ? tail : 0;
        if (_written + skipped + need - Volatile.Read(ref _read) > _bytes.Length)
        {
            return false;
        }

        if (skipped > 0)
        {
            // Positions are multiples of 8 and so is the capacity: a length always fits before the end.
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), Skip);
            at = 0;
        }

        Span<byte> slot = _bytes.AsSpan(at, need);
        BinaryPrimitives.WriteInt32LittleEndian(slot, key.Length + value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(slot[4..], key.Length);
        BinaryPrimitives.WriteInt64LittleEndian(slot[8..], header.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(slot[16..], header.ExpiresUnixMilliseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[24..], header.Source);
        slot[32] = header.Collection;
        slot[33] = header.Urgent ? (byte)1 : (byte)0;
        key.CopyTo(slot[HeaderSize..]);
        value.CopyTo(slot[(HeaderSize + key.Length)..]);
        Volatile.Write(ref _written, _written + skipped + need);
        return true;
    }

    /// <summary>Looks at the next change without taking it; the spans are valid until <see cref="Advance"/>.</summary>
    public bool TryPeek(out ChangeHeader header, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        while (_read != Volatile.Read(ref _written))
        {
            int at = (int)(_read % _bytes.Length);
            ReadOnlySpan<byte> slot = _bytes.AsSpan(at);
            int length = BinaryPrimitives.ReadInt32LittleEndian(slot);
            if (length == Skip)
            {
                Volatile.Write(ref _read, _read + slot.Length);
                continue;
            }

            int keyLength = BinaryPrimitives.ReadInt32LittleEndian(slot[4..]);
            header = new(
                BinaryPrimitives.ReadInt64LittleEndian(slot[8..]), slot[33] != 0, slot[32],
                BinaryPrimitives.ReadUInt64LittleEndian(slot[24..]), BinaryPrimitives.ReadInt64LittleEndian(slot[16..]));
            key = slot.Slice(HeaderSize, keyLength);
            value = slot.Slice(HeaderSize + keyLength, length - keyLength);
            return true;
        }

        header = default;
        key = value = default;
        return false;
    }

    /// <summary>Takes the change that <see cref="TryPeek"/> showed.</summary>
    public void Advance()
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan((int)(_read % _bytes.Length)));
        Volatile.Write(ref _read, _read + Align(HeaderSize + length));
    }

    private static int Align(int length) => (length + 7) & ~7;
}
