using Kadath.Kademlia;
using Xunit;

namespace Kadath.Tests.Conformance.Engine;

/// <summary>
/// What every network on the engine must do, whatever its wire: nodes join through one introducer, find the closest to any point, survive the
/// loss of nodes and their own absence, and do it again the same way from the same seed. A network inherits the suite by making itself.
/// </summary>
public abstract class EngineConformance
{
    private const int Nodes = 60;
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(10);

    protected abstract IEngineNetwork Create(ulong seed);

    [Fact]
    public void Nodes_join_through_one_introducer_and_come_to_know_each_other()
    {
        IEngineNetwork network = Populate(1, out int[] nodes);
        int enough = Math.Min(network.Width, Nodes - 1);
        Assert.All(nodes, node => Assert.True(network.LiveContacts(node) >= enough, $"node {node} knows {network.LiveContacts(node)}"));
        network.CheckInvariants();
    }

    [Fact]
    public void Searches_find_the_closest_nodes_from_anywhere()
    {
        IEngineNetwork network = Populate(2, out int[] nodes);
        double recall = Recall(network, nodes, searches: 30);
        Assert.True(recall >= 0.95 - (2 * network.Loss), $"{recall:P1} of the closest were found");
        network.CheckInvariants();
    }

    [Fact]
    public void Searches_converge_while_a_third_of_the_nodes_has_just_left()
    {
        IEngineNetwork network = Populate(3, out int[] nodes);
        foreach (int gone in nodes.Where(n => n % 3 == 2))
        {
            network.Net.SetOnline(gone, false);
        }

        int[] left = [.. nodes.Where(network.Net.IsOnline)];
        double recall = Recall(network, left, searches: 30);
        Assert.True(recall >= 0.85 - (2 * network.Loss), $"{recall:P1} of the closest were found");
        network.CheckInvariants();
    }

    [Fact]
    public void Nodes_that_left_are_forgotten_and_the_tables_fill_again()
    {
        IEngineNetwork network = Populate(4, out int[] nodes);
        foreach (int gone in nodes.Where(n => n % 2 == 1))
        {
            network.Net.SetOnline(gone, false);
        }

        int[] left = [.. nodes.Where(network.Net.IsOnline)];
        network.Net.Run(TimeSpan.FromMinutes(90));
        double recall = Recall(network, left, searches: 30);
        Assert.True(recall >= 0.95 - (2 * network.Loss), $"{recall:P1} of the closest were found");
        Assert.All(left, node => Assert.True(network.LiveContacts(node) >= network.Width, $"node {node} knows {network.LiveContacts(node)}"));
        network.CheckInvariants();
    }

    [Fact]
    public void A_node_that_was_away_for_an_hour_finds_its_way_back()
    {
        IEngineNetwork network = Populate(5, out int[] nodes);
        network.Net.SetOnline(nodes[7], false);
        network.Net.Run(TimeSpan.FromHours(1));
        network.Net.SetOnline(nodes[7], true);
        network.Net.Run(Settling);
        Assert.True(network.LiveContacts(nodes[7]) >= network.Width, $"it knows {network.LiveContacts(nodes[7])}");
        Assert.True(Recall(network, [nodes[7], .. nodes.Where(n => n != nodes[7])], searches: 10, from: 1) >= 0.95 - (2 * network.Loss));
        network.CheckInvariants();
    }

    [Fact]
    public void A_node_whose_introducer_is_late_gets_in_when_it_comes()
    {
        IEngineNetwork network = Populate(6, out int[] nodes);
        network.Net.SetOnline(nodes[0], false);
        int late = network.Join(nodes[0]);
        network.Net.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(0, network.LiveContacts(late));
        network.Net.SetOnline(nodes[0], true);
        Assert.True(network.Net.RunUntil(() => network.LiveContacts(late) >= network.Width, TimeSpan.FromMinutes(15)), $"it knows {network.LiveContacts(late)}");
    }

    [Fact]
    public void A_value_that_one_node_stores_is_found_by_the_others()
    {
        IEngineNetwork network = Populate(7, out int[] nodes);
        if (!network.Stores)
        {
            SearchResult none = Search(network, done => network.Get(nodes[1], 5, done));
            Assert.Null(none.Value);
            return;
        }

        for (int key = 0; key < 10; key++)
        {
            byte[] value = [1, 2, (byte)key];
            SearchResult put = Search(network, done => network.Put(nodes[(key * 7) % Nodes], key, value, done));
            Assert.True(put.Stored >= Math.Min(network.Width, Nodes) * 3 / 4, $"{put.Stored} stored");
            SearchResult got = Search(network, done => network.Get(nodes[(key * 11) % Nodes], key, done));
            Assert.Equal(value, got.Value);
        }

        Assert.Null(Search(network, done => network.Get(nodes[3], 999, done)).Value);
        network.CheckInvariants();
    }

    [Fact]
    public void The_same_seed_gives_the_same_history_and_another_seed_another()
    {
        ulong first = Populate(8, out _).Net.Fingerprint, second = Populate(8, out _).Net.Fingerprint, other = Populate(9, out _).Net.Fingerprint;
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    /// <summary>A network into which nodes come one a second, through the first of them, and which then had time to settle.</summary>
    private IEngineNetwork Populate(ulong seed, out int[] nodes)
    {
        IEngineNetwork network = Create(seed);
        nodes = new int[Nodes];
        for (int i = 0; i < Nodes; i++)
        {
            nodes[i] = network.Join(i == 0 ? -1 : nodes[0]);
            network.Net.Run(TimeSpan.FromSeconds(1));
        }

        network.Net.Run(Settling);
        return network;
    }

    /// <summary>What part of the k closest nodes, the asking one apart, searches find.</summary>
    private static double Recall(IEngineNetwork network, int[] online, int searches, int from = int.MaxValue)
    {
        int found = 0, wanted = 0;
        for (int key = 0; key < searches; key++)
        {
            int asker = online[key % Math.Min(online.Length, from)];
            SearchResult result = Search(network, done => network.Find(asker, key, done));
            int[] closest = [.. network.Closest(key, online.Where(n => n != asker)).Take(network.Width)];
            wanted += closest.Length;
            found += closest.Intersect(result.Nodes).Count();
            Assert.Equal(result.Nodes.Length, result.Nodes.Distinct().Count());
            Assert.Equal(network.Closest(key, result.Nodes), result.Nodes);
            Assert.True(result.Hops >= 1 && result.Messages >= result.Nodes.Length, $"{result}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{(double)found / wanted:P1} of the closest found in {searches} searches");
        return (double)found / wanted;
    }

    private static SearchResult Search(IEngineNetwork network, Action<Action<SearchResult>> start)
    {
        SearchResult? result = null;
        start(r => result = r);
        Assert.True(network.Net.RunUntil(() => result is not null, TimeSpan.FromMinutes(3)), "the search ends");
        return result!;
    }
}
