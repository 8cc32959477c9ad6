namespace Kadath.Primitives;

/// <summary>Sorts addresses into scopes, by the special-purpose registries (RFC 6890 and its successors).</summary>
public static class AddressScopes
{
    /// <summary>The scope of an endpoint's address; the port does not matter.</summary>
    public static AddressScope Of(in Endpoint endpoint) =>
        endpoint.IsV4 ? OfV4(endpoint.AddressV4) : endpoint.IsV6 ? OfV6(endpoint.AddressHigh, endpoint.AddressLow) : AddressScope.None;

    /// <summary>True if BEP 42 exempts the scope: ids there need not be derived from the address.</summary>
    public static bool IsLocal(this AddressScope scope) => scope is AddressScope.Loopback or AddressScope.LinkLocal or AddressScope.Private;

    private static AddressScope OfV4(uint address) => (address >> 24) switch
    {
        0 => AddressScope.None,
        10 => AddressScope.Private,
        127 => AddressScope.Loopback,
        100 when (address >> 22) == 0x191 => AddressScope.Private,
        169 when (address >> 16) == 0xA9FE => AddressScope.LinkLocal,
        172 when (address >> 20) == 0xAC1 => AddressScope.Private,
        192 when (address >> 16) == 0xC0A8 => AddressScope.Private,
        >= 224 => AddressScope.None,
        _ => AddressScope.Global,
    };

    private static AddressScope OfV6(ulong high, ulong low)
    {
        if (high == 0)
        {
            bool mappedOrCompatible = low >> 32 is 0 or 0xFFFF;
            return low == 1 ? AddressScope.Loopback : mappedOrCompatible ? AddressScope.None : AddressScope.Global;
        }

        return (high >> 56) switch
        {
            0xFF => AddressScope.None,
            0xFE when (high >> 54) == 0x3FA => AddressScope.LinkLocal,
            0xFC or 0xFD => AddressScope.Private,
            _ => AddressScope.Global,
        };
    }
}
