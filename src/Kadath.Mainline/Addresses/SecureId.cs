using System.Buffers.Binary;
using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>
/// Node ids bound to IP addresses (BEP 42): the first 21 bits of an id are those of a CRC-32C over the masked address and the low three bits
/// of the last byte. The reference hashes 4 bytes for IPv4 and 8 for IPv6, despite prose that says 8.
/// </summary>
public static class SecureId
{
    private const uint MaskV4 = 0x030f3fff;
    private const ulong MaskV6 = 0x0103070f1f3f7fff;
    private const uint PrefixMask = 0xfffff800;

    /// <summary>True if the id may be used at the address. Local addresses are exempt.</summary>
    public static bool IsValid(in Id160 id, in Endpoint address, IChecksum crc32C)
    {
        if (address.Scope.IsLocal())
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[20];
        id.Write(bytes);
        return ((Prefix(address, bytes[19], crc32C) ^ (uint)(id.High >> 32)) & PrefixMask) == 0;
    }

    /// <summary>A random id that is valid at the address.</summary>
    public static Id160 Create(in Endpoint address, EntropyStream entropy, IChecksum crc32C)
    {
        Span<byte> bytes = stackalloc byte[20];
        entropy.Fill(bytes);
        Bind(bytes, address, crc32C);
        return Id160.Read(bytes);
    }

    /// <summary>Overwrites the first 21 bits of an id with those that fit the address and its last byte.</summary>
    public static void Bind(Span<byte> id, in Endpoint address, IChecksum crc32C)
    {
        uint free = BinaryPrimitives.ReadUInt32BigEndian(id) & ~PrefixMask;
        BinaryPrimitives.WriteUInt32BigEndian(id, (Prefix(address, id[19], crc32C) & PrefixMask) | free);
    }

    private static uint Prefix(in Endpoint address, byte last, IChecksum crc32C)
    {
        ulong r = (ulong)(last & 7);
        Span<byte> masked = stackalloc byte[8];
        if (address.IsV4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(masked, (address.AddressV4 & MaskV4) | ((uint)r << 29));
            return crc32C.Compute(masked[..4]);
        }

        BinaryPrimitives.WriteUInt64BigEndian(masked, (address.AddressHigh & MaskV6) | (r << 61));
        return crc32C.Compute(masked);
    }
}
