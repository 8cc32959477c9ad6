using System.Net;
using System.Net.Sockets;
using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Bootstrap;

/// <summary>Where a node begins, which scope its sockets take, and how names are resolved.</summary>
public sealed class BootstrapTests
{
    private static readonly Endpoint Wildcard = Endpoint.V4(0, 6881);

    [Theory]
    [InlineData("router.example.org:6881", "router.example.org", 6881, false)]
    [InlineData("192.0.2.1:25401", "192.0.2.1", 25401, true)]
    [InlineData("[2001:db8::1]:1", "2001:db8::1", 1, true)]
    [InlineData("localhost:6881", "localhost", 6881, false)]
    public void A_host_and_port_are_understood(string text, string host, int port, bool literal)
    {
        Assert.True(HostPort.TryParse(text, out HostPort parsed));
        Assert.Equal((host, port, literal), (parsed.Host, parsed.Port, parsed.Literal.IsValid));
        Assert.Equal(text, parsed.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("router.example.org")]
    [InlineData("router.example.org:0")]
    [InlineData("router.example.org:65536")]
    [InlineData(":6881")]
    [InlineData("2001:db8::1:6881")]
    [InlineData("a b:6881")]
    public void Anything_else_is_refused(string? text) => Assert.False(HostPort.TryParse(text, out _));

    [Fact]
    public void A_node_of_the_internet_begins_with_the_public_routers_unless_told_otherwise()
    {
        Assert.Equal(BootstrapPlan.PublicRouters, Names(Plan(null, Wildcard)));
        Assert.Equal(["192.0.2.1:1"], Names(Plan(["192.0.2.1:1"], Wildcard)));
        Assert.Empty(Plan([], Wildcard).Hosts);
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    [InlineData("169.254.1.1:0")]
    public void A_node_that_is_all_local_has_no_routers_and_resolves_no_name(string bound)
    {
        Assert.True(Endpoint.TryParse(bound, out Endpoint local));
        Assert.Empty(Plan(null, local).Hosts);
        Assert.False(Plan(["router.example.org:6881"], local).MayResolve);
    }

    [Theory]
    [InlineData("0.0.0.0:1", "127.0.0.1:5 127.0.0.2:6", AddressScope.Loopback)]
    [InlineData("0.0.0.0:1", "localhost:5", AddressScope.Loopback)]
    [InlineData("0.0.0.0:1", "10.0.0.1:5", AddressScope.Private)]
    [InlineData("192.168.0.2:1", "10.0.0.1:5", AddressScope.Private)]
    [InlineData("0.0.0.0:1", "10.0.0.1:5 127.0.0.1:5", AddressScope.Global)]
    [InlineData("0.0.0.0:1", "10.0.0.1:5 router.example.org:6881", AddressScope.Global)]
    [InlineData("0.0.0.0:1", "", AddressScope.Global)]
    [InlineData("192.168.0.2:1", "", AddressScope.Global)]
    [InlineData("127.0.0.1:1", "45.1.2.3:5", AddressScope.Loopback)]
    [InlineData("[fe80::1]:1", "45.1.2.3:5", AddressScope.LinkLocal)]
    [InlineData("45.1.2.3:1", "10.0.0.1:5", AddressScope.Global)]
    public void A_socket_takes_the_scope_of_its_address_or_the_narrower_one_of_all_it_begins_with(string bound, string bootstrap, AddressScope scope)
    {
        Assert.True(Endpoint.TryParse(bound, out Endpoint local));
        string[] given = bootstrap.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(scope, Plan(given, local).ScopeOf(local));
    }

    [Fact]
    public async Task Names_are_resolved_again_and_again_until_they_answer()
    {
        int asked = 0;
        TaskCompletionSource<Endpoint[]> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BootstrapResolver resolver = new(Plan(["192.0.2.9:9", "router.example.org:6881"], Wildcard), found.SetResult, (host, _) =>
        {
            Assert.Equal("router.example.org", host);
            return Interlocked.Increment(ref asked) == 1
                ? Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
                : Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")]);
        });
        using CancellationTokenSource stop = new();
        Task running = resolver.RunAsync(stop.Token);
        Endpoint[] endpoints = await found.Task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.Equal(["192.0.2.9:9", "192.0.2.1:6881", "[2001:db8::1]:6881"], endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(2, asked);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Without_a_name_nothing_is_resolved()
    {
        BootstrapResolver resolver = new(Plan(["127.0.0.1:6881", "router.example.org:6881"], Endpoint.V4(0x7F000001, 0)), _ => { }, (_, _) =>
            throw new InvalidOperationException("a name was resolved"));
        await resolver.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["127.0.0.1:6881"], resolver.Literals.Select(endpoint => endpoint.ToString()));
    }

    private static BootstrapPlan Plan(string[]? bootstrap, params Endpoint[] bound) =>
        BootstrapPlan.Of(new() { Bind = bound, Bootstrap = bootstrap });

    private static IEnumerable<string> Names(BootstrapPlan plan) => plan.Hosts.Select(host => host.ToString());
}
