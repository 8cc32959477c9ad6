using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Tests.Node.Mainline;

/// <summary>The child process of <see cref="CrashTests"/>: a node with the embedded store that runs until it is killed.</summary>
internal static class CrashNode
{
    public const string Command = "--crash-node";

    /// <summary>Runs with the arguments FOLDER and, for the first start, a BOOTSTRAP endpoint.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        MainlineNode node = await MainlineNode.StartAsync(new()
        {
            Bind = [Endpoint.V4(0x7F000001, 0)],
            Bootstrap = [.. arguments.Skip(1)],
            OpenStore = KadathData.Store(arguments[0]),
            LoopOptions = new() { LoopbackOnly = true },
            CheckpointInterval = TimeSpan.FromSeconds(1),
        });
        MainlineStatus status = await node.GetStatusAsync();
        Console.WriteLine($"ready {node.Endpoints[0]} {node.Ids[0]} {status.Store.Mode} {status.Store.Opening?.State}");
        // The parent kills; should it be gone, the end of its pipe ends this process too.
        await Console.In.ReadToEndAsync();
        await node.DisposeAsync();
        return 0;
    }
}
