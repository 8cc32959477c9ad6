using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Bench.Node;

/// <summary>
/// Runs nodes on loopback until standard input ends: what bench/krpcload/bench.py measures, and the crowd that fills the tables of others.
/// <c>serve PORT [COUNT] [BOOTSTRAP]</c>: COUNT nodes from 127.0.0.1:PORT on, all on one loop.
/// </summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        ushort port = ushort.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture);
        int count = arguments.Length > 1 ? int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture) : 1;
        await using NodeLoop loop = NodeLoop.Start(new() { LoopbackOnly = true });
        List<MainlineNode> nodes = [];
        for (int i = 0; i < count; i++)
        {
            string[] bootstrap = arguments.Length > 2 ? [arguments[2]] : i == 0 ? [] : [$"127.0.0.1:{port}"];
            nodes.Add(await MainlineNode.StartAsync(new()
            {
                Bind = [Endpoint.V4(0x7F000001, (ushort)(port + i))],
                Bootstrap = bootstrap,
                Loop = loop,
            }));
        }

        Console.WriteLine($"ready {nodes[0].Endpoints[0]}");
        await Console.In.ReadToEndAsync();
        MainlineStatus status = await nodes[0].GetStatusAsync();
        Console.Error.WriteLine($"{status.Counters} {status.Traffic} contacts {status.Sockets[0].Contacts}");
        foreach (MainlineNode node in nodes)
        {
            await node.DisposeAsync();
        }

        return 0;
    }
}
