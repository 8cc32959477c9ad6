using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Kadath.Tests.Node.Persistence;
using Xunit;

namespace Kadath.Tests.Node.Mainline;

/// <summary>A whole node under queries of every kind, with its store behind it: its loop allocates nothing.</summary>
public sealed class LoopAllocationTests
{
    private const int Queries = 100_000;
    private const int Window = 32;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_thousand_queries_of_every_kind_allocate_nothing_on_the_loop()
    {
        await using NodeLoop loop = NodeLoop.Start(new() { LoopbackOnly = true });
        MainlineNode node = await MainlineNode.StartAsync(LocalNodes.Options() with { Loop = loop, OpenStore = new FaultyStore().Open }, Cancellation);
        using RawClient client = new();
        byte[][] queries = await QueriesAsync(client, node.Endpoints[0]);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        socket.Connect(IPEndPoint.Parse(node.Endpoints[0].ToString()));

        // The first rounds fill tables, queues and pools. A collection on another thread counts the rest of the loop's allocation context:
        // what really allocates does so in every round.
        long least = long.MaxValue;
        int answered = 0;
        for (int round = 0; round < 8; round++)
        {
            long before = await AllocatedAsync(loop), idle = await AllocatedAsync(loop) - before;
            before += idle;
            answered += Exchange(socket, queries, Queries / 8);
            long allocated = await AllocatedAsync(loop) - before - idle;
            least = round < 2 ? least : Math.Min(least, allocated);
        }

        Assert.True(answered > 0.98 * Queries, $"only {answered} answers");
        Assert.Equal(0, least);
        await node.DisposeAsync();
    }

    private static Task<long> AllocatedAsync(NodeLoop loop) => loop.InvokeAsync(null, _ => GC.GetAllocatedBytesForCurrentThread());

    private static int Exchange(Socket socket, byte[][] queries, int count)
    {
        byte[] buffer = new byte[2048];
        int answered = 0;
        for (int sent = 0; sent < count; sent += Window)
        {
            for (int i = 0; i < Window; i++)
            {
                socket.Send(queries[(sent + i) % queries.Length]);
            }

            for (int i = 0; i < Window; i++)
            {
                try
                {
                    socket.Receive(buffer);
                    answered++;
                }
                catch (SocketException fault) when (fault.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
                {
                    break;
                }
            }
        }

        return answered;
    }

    private static async Task<byte[][]> QueriesAsync(RawClient client, Endpoint to)
    {
        const string hash = "allocationallocation";
        string value = "5:value", target = Encoding.Latin1.GetString(SHA1.HashData(Encoding.ASCII.GetBytes(value)));
        string announce = await TokenAsync(client, to, "get_peers", $"9:info_hash20:{hash}");
        string immutable = await TokenAsync(client, to, "get", $"6:target20:{target}");
        using ItemKey key = ItemKey.Create();
        byte[] owner = new byte[20];
        key.TargetOf(default).Write(owner);
        string mutable = await TokenAsync(client, to, "get", $"6:target20:{Encoding.Latin1.GetString(owner)}");
        string signature = Encoding.Latin1.GetString(key.Sign(Encoding.ASCII.GetBytes(value), default, 1, null).Signature.Span);
        string publicKey = Encoding.Latin1.GetString(key.PublicKey.Span);
        return
        [
            Query("ping", ""),
            Query("find_node", $"6:target20:{hash}"),
            Query("get_peers", $"9:info_hash20:{hash}"),
            Query("announce_peer", $"9:info_hash20:{hash}4:porti7000e5:token8:{announce}"),
            Query("get", $"6:target20:{target}"),
            Query("put", $"5:token8:{immutable}1:v{value}"),
            Query("put", $"1:k32:{publicKey}3:seqi1e3:sig64:{signature}5:token8:{mutable}1:v{value}"),
            Query("sample_infohashes", $"6:target20:{hash}"),
            Query("vote", $"6:target20:{hash}"),
        ];
    }

    private static byte[] Query(string method, string arguments) =>
        Encoding.Latin1.GetBytes($"d1:ad2:id20:rawclientrawclientra{arguments}e1:q{method.Length}:{method}2:roi1e1:t4:abcd1:y1:qe");

    private static async Task<string> TokenAsync(RawClient client, Endpoint to, string method, string arguments) =>
        RawClient.Field(await client.AskAsync(to, method, arguments), "token")!;
}
