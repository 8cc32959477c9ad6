namespace Kadath.Mainline;

/// <summary>
/// The Mainline DHT of one process as a machine: one <c>MainlineNode</c> per socket address (each with an id, a routing table and a vote on its
/// external address of its own; BEP 42, BEP 45), one shared store of announces and items, and the operations of the user.
/// </summary>
public sealed partial class MainlineDht
{
}
