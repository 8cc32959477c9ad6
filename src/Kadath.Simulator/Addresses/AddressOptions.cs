namespace Kadath.Simulator;

/// <summary>Where nodes get their addresses from. Ids follow from addresses (BEP 42).</summary>
public sealed record AddressOptions
{
    /// <summary>Nodes that share the IP address of another one, in parts of 1,000: households and carriers behind one NAT. 0 to 900.</summary>
    public int SharedAddressPerMille { get; init; } = 20;

    /// <summary>Nodes in a /24 (IPv6: /64) in which another one is, in parts of 1,000: providers and data centres. 0 to 900.</summary>
    public int SharedSubnetPerMille { get; init; } = 50;

    /// <summary>Nodes with an IPv6 address instead of one of IPv4, in parts of 1,000. 0 to 1,000.</summary>
    public int V6PerMille { get; init; }

    /// <summary>No two nodes in one /24 or /64.</summary>
    public static AddressOptions Scattered { get; } = new() { SharedAddressPerMille = 0, SharedSubnetPerMille = 0 };

    internal void Validate()
    {
        Check(SharedAddressPerMille, 900, nameof(SharedAddressPerMille));
        Check(SharedSubnetPerMille, 900, nameof(SharedSubnetPerMille));
        Check(V6PerMille, 1000, nameof(V6PerMille));
        Check(SharedAddressPerMille + SharedSubnetPerMille, 950, nameof(SharedSubnetPerMille));

        static void Check(int value, int most, string name)
        {
            if (value < 0 || value > most)
            {
                throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between 0 and {most}");
            }
        }
    }
}
