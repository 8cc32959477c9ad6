using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Mainline;

/// <summary>Starts nodes on loopback and makes sure that nothing left it.</summary>
internal static class LocalNodes
{
    public static Endpoint AnyPortV4 => Endpoint.V4(0x7F000001, 0);

    public static Endpoint AnyPortV6 => Endpoint.V6(0, 1, 0);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static MainlineNodeOptions Options(params Endpoint[] bootstrap) => new()
    {
        Bind = [AnyPortV4],
        Bootstrap = [.. bootstrap.Select(endpoint => endpoint.ToString())],
        LoopOptions = new() { LoopbackOnly = true },
    };

    /// <summary>A node, and further ones that begin with the first.</summary>
    public static async Task<MainlineNode[]> NetworkAsync(int count, Func<MainlineNodeOptions, int, MainlineNodeOptions>? adapt = null)
    {
        MainlineNode[] nodes = new MainlineNode[count];
        for (int i = 0; i < count; i++)
        {
            MainlineNodeOptions options = i == 0 ? Options() : Options(nodes[0].Endpoints[0]);
            nodes[i] = await MainlineNode.StartAsync(adapt?.Invoke(options, i) ?? options, Cancellation);
        }

        foreach (MainlineNode node in nodes.Skip(1))
        {
            Assert.True(await node.WaitForBootstrapAsync(TimeSpan.FromSeconds(30), Cancellation), "a node did not find its network");
        }

        return nodes;
    }

    /// <summary>Stops nodes; fails if one of them would have sent anything outside loopback.</summary>
    public static async Task StopAsync(params MainlineNode[] nodes)
    {
        foreach (MainlineNode node in nodes)
        {
            TrafficCounters traffic = (await node.GetStatusAsync(Cancellation)).Traffic;
            await node.DisposeAsync();
            Assert.Equal((0, 0), (traffic.SentOutsideLoopback, traffic.Withheld));
        }
    }

    public static async Task<bool> EventuallyAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        DateTime end = DateTime.UtcNow + (patience ?? TimeSpan.FromSeconds(15));
        while (DateTime.UtcNow < end)
        {
            if (await condition())
            {
                return true;
            }

            await Task.Delay(50, Cancellation);
        }

        return await condition();
    }
}
