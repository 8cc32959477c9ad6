using System.Net;
using System.Text;
using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>Votes on the external address, and the ids that BEP 42 derives from it, among addresses that look global.</summary>
[Collection(nameof(NamespaceLab))]
public sealed class ExternalAddressTests(NamespaceLab lab)
{
    private static IEnumerable<string> Subnets(int count, int last) => Enumerable.Range(1, count).Select(i => $"44.{i}.{7 * i % 250}.{last}");

    [Fact]
    public async Task A_node_behind_a_wildcard_learns_its_address_from_ten_subnets_and_takes_an_id_that_fits_it()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9");
        RawPeer[] voters = RawPeer.At(lab.Space("peers"), Subnets(12, 10));
        await using HostedNode node = await home.Host.StartAsync(["0.0.0.0:0"], []);
        HostedSocket before = await node.SocketAsync();
        Assert.Equal(("Global", ""), (before.Scope, before.External));

        Assert.Equal(9, await node.PingAsync(voters.Take(9).Select(voter => voter.Local)));
        Assert.Equal((before.Id, ""), ((await node.SocketAsync()).Id, (await node.SocketAsync()).External));

        Assert.Equal(3, await node.PingAsync(voters.Skip(9).Select(voter => voter.Local)));
        HostedSocket after = await node.SocketAsync();
        Assert.Equal($"45.32.7.9:{node.Only.Port}", after.External);
        Assert.True(SecureIds.Fits(after.IdBytes, after.ExternalEndpoint), "the id does not fit the address");
        Assert.Equal(12, after.Contacts);

        // The change is known to whoever asks; the node does not answer under the old id any more.
        string reply = await voters[0].AskAsync(Endpoint.TryParse(after.External, out Endpoint there) ? there : default, "ping");
        Assert.Equal(after.IdBytes, Encoding.Latin1.GetBytes(RawDatagram.Field(reply, "id")!));
        Dispose(voters);
    }

    [Fact]
    public async Task Voters_of_one_subnet_are_one_voice_and_none_counts_before_it_was_asked()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9");
        RawPeer[] voters = RawPeer.At(lab.Space("peers"), Enumerable.Range(1, 20).Select(i => $"44.200.1.{i}"));
        await using HostedNode node = await home.Host.StartAsync(["0.0.0.0:0"], []);
        HostedSocket before = await node.SocketAsync();
        Assert.Equal(20, await node.PingAsync(voters.Select(voter => voter.Local)));
        HostedSocket after = await node.SocketAsync();
        Assert.Equal((before.Id, ""), (after.Id, after.External));
        Dispose(voters);

        RawPeer[] unasked = RawPeer.At(lab.Space("peers"), Subnets(30, 11));
        Endpoint there = Endpoint.V4(0x2D200709, node.Only.Port);
        foreach (RawPeer peer in unasked)
        {
            // It would be asked in turn, and its answer would count.
            peer.Silent = true;
            await peer.AskAsync(there, "ping");
            await peer.SendAsync(there, "d2:ip6:\x2D\x20\x07\x09\x1A\xE1" + "1:rd2:id20:aaaaaaaaaaaaaaaaaaaae1:t4:\0\0\0\x01" + "1:y1:re");
        }

        after = await node.SocketAsync();
        Assert.Equal((before.Id, ""), (after.Id, after.External));
        Dispose(unasked);
    }

    [Theory]
    [InlineData("192.168.1.20:6881")]
    [InlineData("127.0.0.1:6881")]
    [InlineData("169.254.3.3:6881")]
    [InlineData("100.64.9.9:6881")]
    [InlineData("239.3.3.3:6881")]
    public async Task Votes_for_an_address_that_is_not_global_change_nothing(string vote)
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9");
        RawPeer[] voters = RawPeer.At(lab.Space("peers"), Subnets(16, 12));
        await using HostedNode node = await home.Host.StartAsync(["0.0.0.0:0"], []);
        HostedSocket before = await node.SocketAsync();
        foreach (RawPeer voter in voters)
        {
            voter.Vote = Endpoint.TryParse(vote, out Endpoint claimed) ? claimed : default;
        }

        Assert.Equal(16, await node.PingAsync(voters.Select(voter => voter.Local)));
        HostedSocket after = await node.SocketAsync();
        Assert.Equal((before.Id, "", 16), (after.Id, after.External, after.Contacts));
        Dispose(voters);
    }

    [Fact]
    public async Task An_id_changes_once_an_hour_though_a_majority_may_say_something_else()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9");
        RawPeer[] voters = RawPeer.At(lab.Space("peers"), Subnets(40, 13));
        await using HostedNode node = await home.Host.StartAsync(["0.0.0.0:0"], []);
        await node.PingAsync(voters.Take(10).Select(voter => voter.Local));
        HostedSocket first = await node.SocketAsync();
        Assert.True(SecureIds.Fits(first.IdBytes, first.ExternalEndpoint));
        foreach (RawPeer voter in voters)
        {
            voter.Vote = Endpoint.V4(0x2D200000, 6881);
        }

        await node.PingAsync(voters.Skip(10).Take(5).Select(voter => voter.Local));
        Assert.Equal(first.External, (await node.SocketAsync()).External);
        await node.PingAsync(voters.Skip(15).Select(voter => voter.Local));
        HostedSocket second = await node.SocketAsync();
        Assert.Equal(("45.32.0.0:6881", first.Id), (second.External, second.Id));
        Dispose(voters);
    }

    [Fact]
    public async Task A_node_bound_to_its_global_address_has_an_id_that_fits_from_the_start()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9", "2a01:4f8:77:9::5");
        await using HostedNode node = await home.Host.StartAsync(["45.32.7.9:0", "[2a01:4f8:77:9::5]:0"], []);
        Assert.True(SecureIds.Fits((await node.SocketAsync(0)).IdBytes, node.Local[0]));
        Assert.True(SecureIds.Fits((await node.SocketAsync(1)).IdBytes, node.Local[1]));
    }

    [Fact]
    public async Task Over_IPv6_one_slash_48_is_one_voice()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("2a01:4f8:77:9::5");
        RawPeer[] one = RawPeer.At(lab.Space("peers"), Enumerable.Range(1, 14).Select(i => $"2a02:908:10:{i:x}::1"));
        RawPeer[] many = RawPeer.At(lab.Space("peers"), Enumerable.Range(1, 10).Select(i => $"2a02:908:{0x20 + i:x}:1::1"));
        await using HostedNode node = await home.Host.StartAsync(["[::]:0"], []);
        string before = (await node.SocketAsync()).Id;
        Assert.Equal(14, await node.PingAsync(one.Select(voter => voter.Local)));
        Assert.Equal((before, ""), ((await node.SocketAsync()).Id, (await node.SocketAsync()).External));
        Assert.Equal(10, await node.PingAsync(many.Select(voter => voter.Local)));
        HostedSocket after = await node.SocketAsync();
        Assert.Equal($"[2a01:4f8:77:9::5]:{node.Only.Port}", after.External);
        Assert.True(SecureIds.Fits(after.IdBytes, after.ExternalEndpoint));
        Dispose([.. one, .. many]);
    }

    [Fact]
    public async Task A_change_of_address_is_followed_by_ten_votes_and_keeps_the_id_for_its_hour()
    {
        lab.Require();
        LabSpace home = lab.Space("moving");
        home.Use("45.34.1.1");
        RawPeer[] voters = RawPeer.At(lab.Space("peers"), Subnets(20, 14));
        await using HostedNode node = await home.Host.StartAsync(["0.0.0.0:0"], []);
        await node.PingAsync(voters.Take(10).Select(voter => voter.Local));
        HostedSocket first = await node.SocketAsync();
        Assert.Equal($"45.34.1.1:{node.Only.Port}", first.External);

        // With its last address an interface would lose its routes.
        home.Add("45.35.2.2");
        home.Remove("45.34.1.1");
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        await node.PingAsync(voters.Skip(10).Select(voter => voter.Local));
        HostedSocket second = await node.SocketAsync();
        Assert.Equal(($"45.35.2.2:{node.Only.Port}", first.Id), (second.External, second.Id));
        Dispose(voters);
    }

    [Fact]
    public async Task Each_bound_address_is_a_node_of_its_own_with_its_own_id_and_vote_and_answers_from_where_it_was_asked()
    {
        lab.Require();
        LabSpace home = lab.Space("b");
        string[] own = ["45.36.1.1", "45.36.1.2", "45.37.1.1"];
        home.Use(own);
        RawPeer[] voters = RawPeer.At(lab.Space("peers"), Subnets(10, 15));
        await using HostedNode node = await home.Host.StartAsync(own.Select(address => address + ":6881"), []);
        await node.PingAsync(voters.Select(voter => voter.Local));
        for (int i = 0; i < own.Length; i++)
        {
            HostedSocket socket = await node.SocketAsync(i);
            Assert.True(SecureIds.Fits(socket.IdBytes, node.Local[i]));
            string reply = await voters[0].AskAsync(node.Local[i], "ping");
            Assert.Equal(socket.IdBytes, Encoding.Latin1.GetBytes(RawDatagram.Field(reply, "id")!));
            Assert.True(socket.External.Length == 0 || socket.External == own[i] + ":6881", $"{own[i]} takes {socket.External} for its own");
        }

        Assert.Equal(3, (await node.StatusAsync()).Sockets.Select(socket => socket.Id).Distinct().Count());
        Dispose(voters);
    }

    [Theory]
    [InlineData(UdpPumpKind.Batch, "0.0.0.0:6882", "45.36.1.1:6882", "45.37.1.1:6882", "44.63.1.1", "45.38.1.1")]
    [InlineData(UdpPumpKind.Batch, "[::]:6882", "[2a04:7:1:1::1]:6882", "[2a04:7:2:1::1]:6882", "2a03:1:3:1::1", "2a04:7:3:1::1")]
    [InlineData(UdpPumpKind.Portable, "0.0.0.0:6882", "45.36.1.1:6882", "45.37.1.1:6882", "44.63.1.1", "45.38.1.1")]
    [InlineData(UdpPumpKind.Portable, "[::]:6882", "[2a04:7:1:1::1]:6882", "[2a04:7:2:1::1]:6882", "2a03:1:3:1::1", "2a04:7:3:1::1")]
    public async Task A_wildcard_answers_from_the_address_that_was_asked(UdpPumpKind pump, string bind, string first, string second, string asker, string third)
    {
        lab.Require();
        LabSpace home = lab.Space("b");
        home.Use(IPEndPoint.Parse(first).Address.ToString(), IPEndPoint.Parse(second).Address.ToString());
        RawPeer peer = RawPeer.At(lab.Space("peers"), asker);
        await using HostedNode node = await home.Host.StartAsync([bind], [], pump);
        foreach (string address in (string[])[first, second])
        {
            Assert.True(await AnswersAsync(peer, Endpoint.TryParse(address, out Endpoint there) ? there : default), $"no answer from {address}");
        }

        // Where the address has gone meanwhile, another does: queries to whoever asked there go on.
        home.Add(third);
        home.Remove(IPEndPoint.Parse(second).Address.ToString());
        int answered = 0;
        for (int i = 0; i < 5 && answered == 0; i++)
        {
            // The word that the address has gone takes a moment.
            answered = await node.PingAsync([peer.Local], seconds: 2);
        }

        Assert.Equal(1, answered);

        peer.Dispose();
    }

    // Words of changes that came before may yet close sockets, and with them what waits there.
    private static async Task<bool> AnswersAsync(RawPeer peer, Endpoint there)
    {
        for (int i = 0; i < 5; i++)
        {
            try
            {
                await peer.AskAsync(there, "ping", "", seconds: 2);
                return true;
            }
            catch (TimeoutException)
            {
                // Datagrams may be lost.
            }
        }

        return false;
    }

    private static void Dispose(RawPeer[] peers) => Array.ForEach(peers, peer => peer.Dispose());
}
