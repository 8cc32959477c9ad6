namespace Kadath.Simulator;

/// <summary>How many nodes stand behind NATs, in parts of 1,000 for each kind; the rest have an endpoint of their own. Node 0 always has.</summary>
public sealed record NatOptions
{
    /// <summary>No NATs at all.</summary>
    public static NatOptions None { get; } = new();

    /// <summary>Nodes behind a full cone. 0 to 1,000, as all of them together.</summary>
    public int FullConePerMille { get; init; }

    /// <summary>Nodes behind an address-restricted cone.</summary>
    public int AddressRestrictedPerMille { get; init; }

    /// <summary>Nodes behind a port-restricted cone.</summary>
    public int PortRestrictedPerMille { get; init; }

    /// <summary>Nodes behind a symmetric NAT.</summary>
    public int SymmetricPerMille { get; init; }

    internal int Total => FullConePerMille + AddressRestrictedPerMille + PortRestrictedPerMille + SymmetricPerMille;

    /// <summary>The kind that a draw below 1,000 stands for.</summary>
    internal NatKind KindOf(int draw)
    {
        ReadOnlySpan<int> shares = [FullConePerMille, AddressRestrictedPerMille, PortRestrictedPerMille, SymmetricPerMille];
        for (int i = 0; i < shares.Length; i++)
        {
            if (draw < shares[i])
            {
                return NatKind.FullCone + (byte)i;
            }

            draw -= shares[i];
        }

        return NatKind.None;
    }

    internal void Validate()
    {
        ReadOnlySpan<int> shares = [FullConePerMille, AddressRestrictedPerMille, PortRestrictedPerMille, SymmetricPerMille];
        foreach (int share in shares)
        {
            if (share is < 0 or > 1000 || Total > 1000)
            {
                throw new ArgumentException("the shares of nodes behind NATs lie between 0 and 1,000 per mille, together too");
            }
        }
    }
}
