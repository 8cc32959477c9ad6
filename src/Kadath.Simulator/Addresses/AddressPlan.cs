using Kadath.Primitives;

namespace Kadath.Simulator.Addresses;

/// <summary>Draws a global endpoint for each node, none of them twice.</summary>
internal sealed class AddressPlan
{
    private readonly AddressOptions _options;
    private readonly EntropyStream _entropy;
    private readonly HashSet<Endpoint> _taken = [];
    private readonly HashSet<ulong> _subnets = [];
    private readonly List<Endpoint> _given = [];

    public AddressPlan(AddressOptions options, EntropyStream entropy)
    {
        options.Validate();
        _options = options;
        _entropy = entropy;
    }

    /// <summary>The next node's endpoint.</summary>
    public Endpoint Next()
    {
        bool v6 = _options.V6PerMille != 0 && _entropy.NextBelow(1000) < _options.V6PerMille;
        int draw = _entropy.NextBelow(1000);
        Endpoint endpoint;
        do
        {
            endpoint = Draw(v6, draw);
        }
        while (!_taken.Add(endpoint));
        _given.Add(endpoint);
        return endpoint;
    }

    private Endpoint Draw(bool v6, int draw)
    {
        ushort port = (ushort)(1024 + _entropy.NextBelow(64_512));
        if (_given.Count > 0 && draw < _options.SharedAddressPerMille + _options.SharedSubnetPerMille)
        {
            Endpoint other = _given[_entropy.NextBelow(_given.Count)];
            bool sameAddress = draw < _options.SharedAddressPerMille;
            return sameAddress ? other.WithPort(port)
                : other.IsV4 ? Endpoint.V4((other.AddressV4 & 0xFFFFFF00) | (1 + (uint)_entropy.NextBelow(254)), port)
                : Endpoint.V6(other.AddressHigh, _entropy.NextUInt64(), port);
        }

        while (true)
        {
            // 2000::/3 is what is given out of IPv6; of IPv4 all that is global unicast.
            Endpoint endpoint = v6
                ? Endpoint.V6((_entropy.NextUInt64() >> 3) | (1UL << 61), _entropy.NextUInt64(), port)
                : Endpoint.V4(_entropy.NextUInt32(), port);
            if (endpoint.Scope == AddressScope.Global && _subnets.Add(endpoint.IsV4 ? endpoint.AddressV4 >> 8 : endpoint.AddressHigh))
            {
                return endpoint;
            }
        }
    }
}
