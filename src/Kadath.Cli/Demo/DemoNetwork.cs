using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli.Demo;

/// <summary>The nodes of the demonstration: all on the loopback, all carried by one loop.</summary>
internal sealed class DemoNetwork(int size) : IAsyncDisposable
{
    private readonly NodeLoop _loop = NodeLoop.Start(new NodeLoopOptions { Name = "kadath-demo", LoopbackOnly = true, ReceiveBufferBytes = 256 << 10 });
    private readonly List<MainlineNode> _alive = [];

    /// <summary>How many nodes it shall have.</summary>
    public int Size => size;

    /// <summary>The nodes that run.</summary>
    public IReadOnlyList<MainlineNode> Alive => _alive;

    /// <summary>The loop's counters.</summary>
    public TrafficCounters Traffic => _loop.Traffic;

    /// <summary>Starts one more node; it knows only one that runs already.</summary>
    public async Task<MainlineNode> JoinAsync(CancellationToken cancellationToken)
    {
        // On Linux every address of 127.0.0.0/8 is there, so each node has one of its own, as in a real network.
        uint address = OperatingSystem.IsLinux() ? 0x7F000001u + (uint)_alive.Count : 0x7F000001u;
        MainlineNode node = await MainlineNode.StartAsync(
            new MainlineNodeOptions
            {
                Bind = [Endpoint.V4(address, 0)],
                Bootstrap = _alive.Count == 0 ? [] : [_alive[^1].Endpoints[0].ToString()],
                Loop = _loop,
            },
            cancellationToken);
        _alive.Add(node);
        return node;
    }

    /// <summary>Stops the nodes at these endpoints, without a word to the others.</summary>
    public async Task<int> KillAsync(IReadOnlyCollection<Endpoint> endpoints)
    {
        MainlineNode[] victims = [.. _alive.Where(n => endpoints.Contains(n.Endpoints[0]))];
        foreach (MainlineNode victim in victims)
        {
            _alive.Remove(victim);
            await victim.DisposeAsync();
        }

        return victims.Length;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_alive.Select(static n => n.DisposeAsync().AsTask()));
        await _loop.DisposeAsync();
    }
}
