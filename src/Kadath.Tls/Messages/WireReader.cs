using System.Buffers.Binary;

namespace Kadath.Tls;

/// <summary>A cursor over a message of the peer (RFC 9846 section 3). Every method returns false for what is not there; nothing throws, nothing allocates.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    /// <summary>Whether everything was read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public bool TryReadUInt8(out byte value)
    {
        if (_rest.IsEmpty)
        {
            value = 0;
            return false;
        }

        value = _rest[0];
        _rest = _rest[1..];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_rest, out value))
        {
            return false;
        }

        _rest = _rest[2..];
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_rest, out value))
        {
            return false;
        }

        _rest = _rest[4..];
        return true;
    }

    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            bytes = default;
            return false;
        }

        bytes = _rest[..count];
        _rest = _rest[count..];
        return true;
    }

    /// <summary>Reads a vector with a length of one byte.</summary>
    public bool TryReadVector8(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadUInt8(out var length) && TryReadBytes(length, out bytes);
    }

    /// <summary>Reads a vector with a length of two bytes.</summary>
    public bool TryReadVector16(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadUInt16(out var length) && TryReadBytes(length, out bytes);
    }

    /// <summary>Reads a vector with a length of three bytes.</summary>
    public bool TryReadVector24(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadUInt8(out var high) && TryReadUInt16(out var low) && TryReadBytes((high << 16) | low, out bytes);
    }
}

/// <summary>A list of 16-bit code points as it stands on the wire: walked, never copied.</summary>
internal readonly ref struct CodePoints
{
    private readonly ReadOnlySpan<byte> _bytes;

    private CodePoints(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public int Count => _bytes.Length / 2;

    public bool IsEmpty => _bytes.IsEmpty;

    public ushort this[int index] => BinaryPrimitives.ReadUInt16BigEndian(_bytes[(2 * index)..]);

    public bool Contains(ushort value)
    {
        for (var i = 0; i < Count; i++)
        {
            if (this[i] == value)
            {
                return true;
            }
        }

        return false;
    }

    public ushort[] ToArray()
    {
        var all = new ushort[Count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = this[i];
        }

        return all;
    }

    /// <summary>Takes a non-empty list of whole code points.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out CodePoints list)
    {
        list = new(bytes);
        return bytes.Length >= 2 && bytes.Length % 2 == 0;
    }
}
