using System.Numerics;
using System.Text;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>Who enters a table, and what one address may store, where addresses look global and where they do not.</summary>
[Collection(nameof(NamespaceLab))]
public sealed class TableTests(NamespaceLab lab)
{
    private const string Home = "45.32.7.9", HomeV6 = "2a01:4f8:77:9::5";

    private static readonly string InfoHash = new('h', 20);

    [Fact]
    public async Task Of_one_address_one_contact_enters_and_of_one_subnet_two()
    {
        lab.Require();
        await using HostedNode node = await StartAsync(Home);
        RawPeer[] ports = RawPeer.At(lab.Space("peers"), Enumerable.Repeat("44.70.1.1", 12));
        Assert.Equal(12, await node.PingAsync(ports.Select(peer => peer.Local)));
        Assert.Equal(1, (await node.SocketAsync()).Contacts);

        RawPeer[] neighbours = RawPeer.At(lab.Space("peers"), Enumerable.Range(1, 20).Select(i => $"44.70.2.{i}"));
        Assert.Equal(20, await node.PingAsync(neighbours.Select(peer => peer.Local)));
        Assert.Equal(1 + 2, (await node.SocketAsync()).Contacts);

        RawPeer[] strangers = RawPeer.At(lab.Space("peers"), Enumerable.Range(1, 20).Select(i => $"44.71.{i}.1"));
        Assert.Equal(20, await node.PingAsync(strangers.Select(peer => peer.Local)));
        Assert.Equal(1 + 2 + 20, (await node.SocketAsync()).Contacts);
        Dispose(ports, neighbours, strangers);
    }

    [Fact]
    public async Task Of_one_slash_64_two_contacts_enter_and_the_next_slash_64_is_another()
    {
        lab.Require();
        await using HostedNode node = await StartAsync(HomeV6);
        RawPeer[] first = RawPeer.At(lab.Space("peers"), Enumerable.Range(2, 8).Select(i => $"2a02:908:10:40::{i}"));
        Assert.Equal(2, await node.PingAsync(first.Take(2).Select(peer => peer.Local)));
        Assert.Equal(2, (await node.SocketAsync()).Contacts);
        Assert.Equal(6, await node.PingAsync(first.Skip(2).Select(peer => peer.Local)));
        Assert.Equal(2, (await node.SocketAsync()).Contacts);

        RawPeer[] second = RawPeer.At(lab.Space("peers"), Enumerable.Range(2, 8).Select(i => $"2a02:908:10:41::{i}"));
        Assert.Equal(8, await node.PingAsync(second.Select(peer => peer.Local)));
        Assert.Equal(4, (await node.SocketAsync()).Contacts);

        RawPeer[] ports = RawPeer.At(lab.Space("peers"), Enumerable.Repeat("2a02:908:10:52::1", 10));
        Assert.Equal(10, await node.PingAsync(ports.Select(peer => peer.Local)));
        Assert.Equal(5, (await node.SocketAsync()).Contacts);
        Dispose(first, second, ports);
    }

    [Theory]
    [InlineData("127.0.0.1", "a")]
    [InlineData("10.7.0.5", "peers")]
    public async Task Where_BEP_42_exempts_a_scope_endpoints_count_instead_of_addresses(string address, string space)
    {
        lab.Require();
        RawPeer[] ports = RawPeer.At(lab.Space(space), Enumerable.Repeat(address, 20));
        await using HostedNode node = await StartAsync(address == "127.0.0.1" ? address : "10.7.0.9", ports[0].Local.ToString());
        Assert.Equal(20, await node.PingAsync(ports.Select(peer => peer.Local)));
        Assert.Equal(20, (await node.SocketAsync()).Contacts);
        Dispose(ports);
    }

    [Fact]
    public async Task An_id_that_fits_its_address_displaces_one_that_does_not_once_a_minute_and_nobody_else()
    {
        lab.Require();
        await using HostedNode node = await StartAsync(Home);
        int side = 1 - ((await node.SocketAsync()).IdBytes[0] >> 7);
        RawPeer[] full = RawPeer.At(lab.Space("peers"), Enumerable.Range(0, 128).Select(i => $"44.80.{i / 2}.{1 + (i % 2)}"));
        for (int i = 0; i < full.Length; i++)
        {
            full[i].Id = Misfit(full[i].Local, side, i);
        }

        Assert.Equal(128, await node.PingAsync(full.Select(peer => peer.Local)));
        Assert.Equal(128, (await node.SocketAsync()).Contacts);

        RawPeer[] newcomers = RawPeer.At(lab.Space("peers"), ["44.81.1.1", "44.81.2.1", "44.81.3.1"]);
        newcomers[0].Id = Misfit(newcomers[0].Local, side, 200);
        newcomers[1].Id = Fitting(newcomers[1].Local, side);
        newcomers[2].Id = Fitting(newcomers[2].Local, side);
        bool[] named = new bool[3];
        for (int i = 0; i < newcomers.Length; i++)
        {
            Assert.Equal(1, await node.PingAsync([newcomers[i].Local]));
            string reply = await full[0].AskAsync(node.Only, "find_node", "6:target" + RawPeer.Text(Encoding.Latin1.GetString(newcomers[i].Id)));
            named[i] = reply.Contains(newcomers[i].Compact, StringComparison.Ordinal);
        }

        Assert.Equal([false, true, false], named);
        Assert.Equal(128, (await node.SocketAsync()).Contacts);
        Dispose(full, newcomers);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.2", "a")]
    [InlineData(Home, "44.90.1.1", "44.90.2.1", "peers")]
    public async Task One_address_that_announces_many_ports_is_one_peer_whatever_its_id(string bind, string first, string second, string space)
    {
        lab.Require();
        await using HostedNode node = await StartAsync(bind);
        RawPeer[] peers = RawPeer.At(lab.Space(space), [first, first, first, second]);
        foreach (RawPeer peer in peers)
        {
            peer.Id = Encoding.Latin1.GetBytes($"no BEP 42 id of{peer.Local.Port:00000}");
            Assert.False(SecureIds.Fits(peer.Id, peer.Local));
        }

        for (int port = 1001; port <= 1010; port++)
        {
            await AnnounceAsync(peers[port % 3], node.Only, port);
        }

        (int values, int bits) = await CountAsync(peers[0], node.Only);
        Assert.Equal((1L, 1, true), ((await node.StatusAsync()).Announces, values, bits is 1 or 2));

        await AnnounceAsync(peers[3], node.Only, 1001);
        (values, bits) = await CountAsync(peers[0], node.Only);
        Assert.Equal((2L, 2, true), ((await node.StatusAsync()).Announces, values, bits is 3 or 4));
        Dispose(peers);
    }

    [Fact]
    public async Task A_lookup_relies_on_one_node_of_an_address_and_two_of_a_subnet_however_close_they_claim_to_be()
    {
        lab.Require();
        LabSpace peers = lab.Space("peers");
        byte[] target = Enumerable.Repeat((byte)0xA7, 20).ToArray();
        RawPeer[] crowd = RawPeer.At(peers, Enumerable.Range(1, 16).Select(i => $"44.95.1.{i}").Concat(Enumerable.Repeat("44.95.2.1", 8)));
        for (int i = 0; i < crowd.Length; i++)
        {
            crowd[i].Id = [.. target[..19], (byte)i];
        }

        RawPeer[] honest = RawPeer.At(peers, Enumerable.Range(1, 8).Select(i => $"44.96.{i}.1"));
        RawPeer first = RawPeer.At(peers, "44.97.1.1");
        first.Nodes = string.Concat(crowd.Concat(honest).Select(peer => peer.Compact));
        await using HostedNode node = await StartAsync(Home);
        await node.PingAsync([first.Local]);
        Endpoint[] found = await node.FindNodeAsync(Id160.Read(target));
        Assert.Equal((2, 1), (In(0x2C5F01), In(0x2C5F02)));
        // All that answered: eight at least, and the one that named them may be of the eight.
        Assert.InRange(found.Intersect(honest.Select(peer => peer.Local)).Count(), 4, 8);
        // The node looks around on its own besides, each time with the same limits.
        Assert.InRange(crowd.Count(peer => peer.Queries > 0), 3, 12);
        Dispose(crowd, honest, [first]);

        int In(uint subnet) => found.Count(endpoint => endpoint.AddressV4 >> 8 == subnet);
    }

    private static async Task AnnounceAsync(RawPeer peer, Endpoint node, int port)
    {
        string token = RawDatagram.Field(await peer.AskAsync(node, "get_peers", "9:info_hash" + RawPeer.Text(InfoHash)), "token")!;
        string reply = await peer.AskAsync(node, "announce_peer", $"9:info_hash{RawPeer.Text(InfoHash)}4:porti{port}e5:token{RawPeer.Text(token)}");
        Assert.Contains("1:y1:re", reply, StringComparison.Ordinal);
    }

    private static async Task<(int Values, int Bits)> CountAsync(RawPeer peer, Endpoint node)
    {
        string reply = await peer.AskAsync(node, "get_peers", "9:info_hash" + RawPeer.Text(InfoHash) + "6:scrapei1e");
        int at = reply.IndexOf("6:valuesl", StringComparison.Ordinal) + 9, count = 0;
        for (; reply.AsSpan(at).StartsWith("6:"); at += 8)
        {
            count++;
        }

        return (count, RawDatagram.Field(reply, "BFpe")!.Sum(letter => BitOperations.PopCount(letter)));
    }

    private static byte[] Misfit(in Endpoint address, int side, int number)
    {
        byte[] id = new byte[20];
        new Random(number).NextBytes(id);
        id[0] = (byte)((id[0] & 0x7f) | (side << 7));
        id[1] = SecureIds.Fits(id, address) ? (byte)~id[1] : id[1];
        return id;
    }

    private static byte[] Fitting(Endpoint address, int side) =>
        Enumerable.Range(0, 8).Select(last => SecureIds.For(address, (byte)last, 0x33)).First(id => id[0] >> 7 == side);

    private static void Dispose(params RawPeer[][] peers) => Array.ForEach(peers.SelectMany(some => some).ToArray(), peer => peer.Dispose());

    private async Task<HostedNode> StartAsync(string address, params string[] bootstrap)
    {
        LabSpace home = lab.Space("a");
        home.Add(address);
        return await home.Host.StartAsync([address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:0" : $"{address}:0"], bootstrap);
    }
}
