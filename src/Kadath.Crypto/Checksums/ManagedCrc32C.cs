using System.Buffers.Binary;
using System.Numerics;

namespace Kadath.Crypto;

/// <summary>CRC-32C (Castagnoli, RFC 3720 section 12.1) by the processor's instruction where there is one, by the class library's tables elsewhere.</summary>
public sealed class ManagedCrc32C : IChecksum
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <inheritdoc/>
    public uint Append(uint checksum, ReadOnlySpan<byte> data)
    {
        var crc = ~checksum;
        for (; data.Length >= 8; data = data[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        if (data.Length >= 4)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt32LittleEndian(data));
            data = data[4..];
        }

        foreach (var octet in data)
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return ~crc;
    }
}
