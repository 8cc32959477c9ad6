using System.Buffers.Binary;
using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Mainline.Addresses;
using Kadath.Primitives;

namespace Kadath.Simulator.Adversaries;

/// <summary>
/// Contacts that nobody is behind and that still obey BEP 42: their ids begin like a target, and fit their addresses. BEP 42 hashes 20 bits of
/// an IPv4 address and 3 of the id into 21, few enough to list backwards.
/// </summary>
internal sealed class FakeContacts
{
    private const int PrefixBits = 21;
    private const uint AddressMask = 0x030f3fff;

    private readonly EntropyStream _chance;
    private readonly uint[] _inputOfPrefix = new uint[1 << PrefixBits];

    public FakeContacts(EntropyStream chance)
    {
        _chance = chance;
        Span<byte> bytes = stackalloc byte[20];
        for (uint r = 0; r < 8; r++)
        {
            // All values of the masked bits, in their order.
            uint masked = 0;
            do
            {
                bytes[19] = (byte)r;
                SecureId.Bind(bytes, Endpoint.V4(masked, 1), CryptoProvider.Default.Crc32C);
                _inputOfPrefix[BinaryPrimitives.ReadUInt32BigEndian(bytes) >> (32 - PrefixBits)] = masked | (r << 29);
                masked = (masked - AddressMask) & AddressMask;
            }
            while (masked != 0);
        }
    }

    /// <summary>A contact next to the target.</summary>
    public Contact<Id160, Endpoint> Next(in Id160 target)
    {
        Span<byte> bytes = stackalloc byte[20];
        Id160.Splice(target, NodeIds.Random<Id160>(_chance), PrefixBits + 8).Write(bytes);
        uint input = _inputOfPrefix[BinaryPrimitives.ReadUInt32BigEndian(bytes) >> (32 - PrefixBits)];
        bytes[19] = (byte)((bytes[19] & ~7) | (int)(input >> 29));
        Endpoint address;
        do
        {
            address = Endpoint.V4((input & AddressMask) | (_chance.NextUInt32() & ~AddressMask), (ushort)(1024 + _chance.NextBelow(64_000)));
        }
        while (address.Scope != AddressScope.Global);
        return new(Id160.Read(bytes), address);
    }
}
