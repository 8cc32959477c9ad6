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
        home.Add("45.32.7.9");
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
        Assert.Equal(after.IdBytes, System.Text.Encoding.Latin1.GetBytes(RawDatagram.Field(reply, "id")!));
        Dispose(voters);
    }

    [Fact]
    public async Task Voters_of_one_subnet_are_one_voice_and_none_counts_before_it_was_asked()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Add("45.32.7.9");
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
        home.Add("45.32.7.9");
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
        home.Add("45.32.7.9");
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
        home.Add("45.32.7.9", "2a01:4f8:77:9::5");
        await using HostedNode node = await home.Host.StartAsync(["45.32.7.9:0", "[2a01:4f8:77:9::5]:0"], []);
        Assert.True(SecureIds.Fits((await node.SocketAsync(0)).IdBytes, node.Local[0]));
        Assert.True(SecureIds.Fits((await node.SocketAsync(1)).IdBytes, node.Local[1]));
    }

    private static void Dispose(RawPeer[] peers) => Array.ForEach(peers, peer => peer.Dispose());
}
