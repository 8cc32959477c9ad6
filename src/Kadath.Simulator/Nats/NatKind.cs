namespace Kadath.Simulator;

/// <summary>What stands between a node and the network (the classic kinds of RFC 3489 §5; in words of RFC 4787: mapping and filtering).</summary>
public enum NatKind : byte
{
    /// <summary>Nothing: whoever sends to the node's endpoint reaches it.</summary>
    None,

    /// <summary>One external port for all peers; while it is mapped, anybody gets in through it.</summary>
    FullCone,

    /// <summary>One external port for all peers; only addresses to which the node has sent get in.</summary>
    AddressRestricted,

    /// <summary>One external port for all peers; only endpoints to which the node has sent get in.</summary>
    PortRestricted,

    /// <summary>An external port of its own for every endpoint to which the node sends; only that endpoint gets in through it.</summary>
    Symmetric,
}
