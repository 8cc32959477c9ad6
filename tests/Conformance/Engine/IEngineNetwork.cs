using Kadath.Kademlia;
using Kadath.Tests.Support;

namespace Kadath.Tests.Conformance.Engine;

/// <summary>What a search brought, in the numbers of the virtual network.</summary>
/// <param name="Nodes">The closest nodes that answered, nearest first.</param>
/// <param name="Value">The value found, or null.</param>
/// <param name="Stored">Nodes that acknowledged a store.</param>
/// <param name="Hops">Longest referral chain.</param>
/// <param name="Messages">Queries sent.</param>
/// <param name="Converged">The k closest were confirmed.</param>
public sealed record SearchResult(int[] Nodes, byte[]? Value, int Stored, int Hops, int Messages, bool Converged);

/// <summary>A whole network on the engine, as the suite drives it. Keys are numbers that the network turns into points of its id space.</summary>
public interface IEngineNetwork
{
    VirtualNetwork Net { get; }

    /// <summary>k: how many nodes a search confirms.</summary>
    int Width { get; }

    /// <summary>Whether nodes keep records.</summary>
    bool Stores { get; }

    /// <summary>What part of all packets is lost on the way: a query without an answer costs a search its node, and there are two to lose.</summary>
    double Loss { get; }

    /// <summary>Adds a node that bootstraps from another (or from nobody: -1) and returns its number.</summary>
    int Join(int introducer);

    /// <summary>Nodes that have answered and have not failed since, in a node's table.</summary>
    int LiveContacts(int node);

    /// <summary>Finds the nodes closest to a key.</summary>
    void Find(int node, int key, Action<SearchResult> done);

    /// <summary>Stores a value at the nodes closest to a key.</summary>
    void Put(int node, int key, byte[] value, Action<SearchResult> done);

    /// <summary>Searches for a value.</summary>
    void Get(int node, int key, Action<SearchResult> done);

    /// <summary>The nodes among these closest to a key, by the network's own distance, nearest first.</summary>
    int[] Closest(int key, IEnumerable<int> nodes);

    /// <summary>Checks what must hold in every node at any time; throws if it does not.</summary>
    void CheckInvariants();
}
