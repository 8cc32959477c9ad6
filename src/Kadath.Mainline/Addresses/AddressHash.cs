using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>
/// 64 bits for an IPv6 address and port under a secret: the multilinear hash, strongly universal (Lemire and Kaser, "Strongly universal string
/// hashing is fast", 2014). Whoever does not know the key, and nobody is ever shown a value, meets another address's number with a chance of
/// one in 2^64, whatever addresses he chooses.
/// </summary>
internal readonly struct AddressHash
{
    private readonly UInt128 _offset;
    private readonly UInt128 _high;
    private readonly UInt128 _low;
    private readonly UInt128 _port;

    public AddressHash(EntropyStream entropy)
    {
        _offset = Draw(entropy);
        _high = Draw(entropy);
        _low = Draw(entropy);
        _port = Draw(entropy);
    }

    /// <summary>The number of an address with this port; 0 for any.</summary>
    public ulong Of(in Endpoint endpoint, ushort port) =>
        (ulong)((_offset + (_high * endpoint.AddressHigh) + (_low * endpoint.AddressLow) + (_port * port)) >> 64);

    private static UInt128 Draw(EntropyStream entropy) => new(entropy.NextUInt64(), entropy.NextUInt64());
}
