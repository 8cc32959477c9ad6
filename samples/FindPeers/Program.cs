// Finds the peers of a torrent: FindPeers INFOHASH [BOOTSTRAP HOST:PORT]
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;

if (args.Length == 0 || !TorrentLinks.TryParseInfoHash(args[0], out Id160 infoHash))
{
    Console.Error.WriteLine("usage: FindPeers INFOHASH-OR-MAGNET [HOST:PORT]");
    return 2;
}

using CancellationTokenSource interrupted = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};

// A short-lived node is a guest of the network: it asks, and answers nobody.
await using MainlineNode node = await MainlineNode.StartAsync(new()
{
    Bootstrap = args.Length > 1 ? [args[1]] : null,
    Network = new() { ReadOnly = true },
});
await node.WaitForBootstrapAsync(TimeSpan.FromSeconds(20), interrupted.Token);

IOperationStream<Endpoint> peers = node.GetPeersAsync(new(infoHash), interrupted.Token);
await foreach (Endpoint peer in peers)
{
    Console.WriteLine(peer);
}

OperationReport report = await peers.Completion;
Console.Error.WriteLine($"{report.Answered} nodes answered {report.Messages} queries in {report.Elapsed.TotalMilliseconds:0} ms");
return 0;
