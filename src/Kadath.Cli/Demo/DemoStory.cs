using System.Diagnostics;
using System.Globalization;
using System.Text;
using Kadath.Cli.Commands;
using Kadath.Cli.Nodes;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli.Demo;

/// <summary>What the demonstration shows, step by step. What one node stored, another looks for.</summary>
internal sealed class DemoStory(DemoNetwork network, DemoView view)
{
    private static readonly string[] Values = ["a value that nobody owns", "Kademlia: 160 bits of distance", "stored by one, found by another", "in the house at Kadath", "the last of five"];

    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(15);

    private readonly List<DemoStep> _steps = [];
    private readonly Stopwatch _clock = new();
    private readonly List<PutResult> _puts = [];
    private string _current = "";

    /// <summary>What was shown so far.</summary>
    public IReadOnlyList<DemoStep> Steps => _steps;

    /// <summary>Tells the whole story. A step that did not work is told as such, and the story goes on where it can.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await StepAsync("nodes join one by one", () => JoinAsync(cancellationToken)))
        {
            return;
        }

        await StepAsync("values are stored", () => StoreAsync(cancellationToken));
        await StepAsync("values are found by others", () => FindAsync("found", cancellationToken));
        await StepAsync("peers announce a torrent, and are found", () => PeersAsync(cancellationToken));
        await StepAsync("a mutable value is updated", () => MutableAsync(cancellationToken));
        await StepAsync("nodes die, their values are still found", () => KillAsync(cancellationToken));
        await StepAsync("nothing left the machine", () => Task.FromResult(
            (network.Traffic is { SentOutsideLoopback: 0, Withheld: 0 }, $"{network.Traffic.Sent} packets, {network.Traffic.SentOutsideLoopback} of them to others")));
    }

    /// <summary>Notes that the time is up.</summary>
    public void OutOfTime() => _steps.Add(new DemoStep(_current, false, "took too long", _clock.ElapsedMilliseconds));

    private async Task<bool> StepAsync(string name, Func<Task<(bool Ok, string Detail)>> run)
    {
        _current = name;
        _clock.Restart();
        view.Begin(name);
        (bool ok, string detail) = await run();
        var step = new DemoStep(name, ok, detail, _clock.ElapsedMilliseconds);
        _steps.Add(step);
        view.End(step);
        return ok;
    }

    private async Task<(bool, string)> JoinAsync(CancellationToken cancellationToken)
    {
        int lonely = 0;
        for (int n = 0; n < network.Size; n++)
        {
            MainlineNode node = await network.JoinAsync(cancellationToken);
            if (n > 0 && !await EphemeralNode.WaitForContactAsync(node, TimeSpan.FromSeconds(5), cancellationToken))
            {
                lonely++;
            }

            await HappenedAsync(node, $"joins as {NodeIds.ToHex(node.Ids[0])[..12]}…, knows {await ContactsAsync(node, cancellationToken)}", cancellationToken);
        }

        (int known, int least) = await SettleAsync(cancellationToken);
        return (lonely == 0 && least > 0, string.Create(CultureInfo.InvariantCulture, $"{network.Alive.Count} nodes, each knows {(double)known / network.Alive.Count:0.0} others"));
    }

    /// <summary>
    /// Whoever joined first has met few: waits until everybody knows enough others, by whom they hear from. Gives the number of contacts of all
    /// tables together, and of the smallest.
    /// </summary>
    private async Task<(int Known, int Least)> SettleAsync(CancellationToken cancellationToken)
    {
        const int enough = 7;
        int before = -1;
        while (true)
        {
            int known = 0, least = int.MaxValue;
            foreach (MainlineNode node in network.Alive)
            {
                int contacts = await ContactsAsync(node, cancellationToken);
                known += contacts;
                least = Math.Min(least, contacts);
            }

            if (least >= enough || _clock.Elapsed > SettlePatience)
            {
                return (known, least);
            }

            if (known != before)
            {
                view.Happened($"the nodes get to know each other: {known} contacts, {least} in the smallest table");
                before = known;
            }

            await Task.Delay(250, cancellationToken);
        }
    }

    private async Task<(bool, string)> StoreAsync(CancellationToken cancellationToken)
    {
        for (int n = 0; n < Values.Length; n++)
        {
            MainlineNode from = Pick(n * 5);
            PutResult put = await from.PutAsync(Encode(Values[n]), cancellationToken: cancellationToken);
            _puts.Add(put);
            await HappenedAsync(from, $"stores \"{Values[n]}\" as {NodeIds.ToHex(put.Target)[..12]}… at {put.Stored} nodes", cancellationToken);
        }

        return (_puts.All(static p => p.Stored > 0), $"{_puts.Count} values at {_puts.Sum(static p => p.Stored)} places");
    }

    private async Task<(bool, string)> FindAsync(string verb, CancellationToken cancellationToken)
    {
        int found = 0, messages = 0;
        for (int n = 0; n < _puts.Count; n++)
        {
            MainlineNode by = Pick((n * 7) + 3);
            GetResult get = await by.GetAsync(new GetRequest(_puts[n].Target), cancellationToken);
            string? text = TextOf(get);
            found += text == Values[n] ? 1 : 0;
            messages += get.Report.Messages;
            string outcome = text is null ? "does not find it" : $"finds \"{text}\"";
            await HappenedAsync(by, $"looks for {NodeIds.ToHex(_puts[n].Target)[..12]}… and {outcome} ({get.Report.Messages} messages)", cancellationToken);
        }

        return (found == Values.Length, string.Create(CultureInfo.InvariantCulture, $"{found} of {Values.Length} {verb}, {(double)messages / _puts.Count:0.0} messages each"));
    }

    private async Task<(bool, string)> PeersAsync(CancellationToken cancellationToken)
    {
        _ = NodeIds.TryParseHex("0123456789abcdef0123456789abcdef01234567", out Id160 torrent);
        var announced = new HashSet<Endpoint>();
        for (int n = 0; n < 4; n++)
        {
            MainlineNode peer = Pick((n * 6) + 1);
            Endpoint at = peer.Endpoints[0].WithPort((ushort)(50_000 + n));
            AnnounceResult announce = await peer.AnnounceAsync(new AnnounceRequest(torrent, at.Port, Seed: n == 0), cancellationToken);
            if (announce.Accepted > 0)
            {
                announced.Add(at);
            }

            await HappenedAsync(peer, $"says that it has torrent 01234567… on port {at.Port}, {announce.Accepted} nodes note it", cancellationToken);
        }

        MainlineNode by = network.Alive[^1];
        var found = new HashSet<Endpoint>();
        await using IOperationStream<Endpoint> stream = by.GetPeersAsync(new GetPeersRequest(torrent), cancellationToken);
        await foreach (Endpoint peer in stream.WithCancellation(cancellationToken))
        {
            found.Add(peer);
            await HappenedAsync(by, $"finds peer {peer}", cancellationToken);
        }

        // Where all nodes have one address, only its last announce counts: a node keeps one per info-hash and IP.
        int expected = announced.Select(static e => e.AddressLow).Distinct().Count();
        return (announced.Count == 4 && found.Count >= expected && found.IsSubsetOf(announced), $"{announced.Count} announced, {found.Count} found");
    }

    private async Task<(bool, string)> MutableAsync(CancellationToken cancellationToken)
    {
        using ItemKey key = ItemKey.Create();
        Id160 target = Targets.MutableTarget(key.PublicKey.Span, []);
        MainlineNode writer = Pick(2), reader = network.Alive[^2];
        string detail = "";
        foreach (string version in (string[])["version one", "version two"])
        {
            PutResult put = await writer.PutAsync(new MutablePut(key, Encode(version)), cancellationToken);
            await HappenedAsync(writer, $"signs \"{version}\", seq {put.Sequence}, stored at {put.Stored} nodes", cancellationToken);
            GetResult get = await reader.GetAsync(new GetRequest(target, Mutable: true), cancellationToken);
            await HappenedAsync(reader, $"reads \"{TextOf(get) ?? "nothing"}\", seq {get.Item?.Sequence}", cancellationToken);
            if (TextOf(get) != version || get.Item?.Sequence != put.Sequence)
            {
                return (false, $"\"{version}\" was not found");
            }

            detail = $"\"{version}\" is found, with seq {put.Sequence}";
        }

        return (true, detail);
    }

    private async Task<(bool, string)> KillAsync(CancellationToken cancellationToken)
    {
        // Of each value, half of those that hold it; never more than a third of all.
        var victims = new List<Endpoint>();
        foreach (PutResult put in _puts)
        {
            Endpoint[] holders = [.. put.Nodes.Where(static n => n.Result == NodeResult.Stored).Select(static n => n.Endpoint)];
            victims.AddRange(holders.Take(holders.Length / 2));
        }

        int killed = await network.KillAsync([.. victims.Distinct().Take(network.Alive.Count / 3)]);
        view.Happened($"{killed} nodes that hold values die without a word");
        await view.PauseAsync(cancellationToken);
        (bool ok, string detail) = await FindAsync("still found", cancellationToken);
        return (ok && killed > 0, $"{killed} died; {detail}");
    }

    private MainlineNode Pick(int n) => network.Alive[n % network.Alive.Count];

    private static byte[] Encode(string text) => ItemValues.Encode(Encoding.UTF8.GetBytes(text), isBencode: false);

    private static string? TextOf(GetResult get) => get.Item is null ? null : ItemValues.Decode(get.Item.Value.Span).Text;

    private static async Task<int> ContactsAsync(MainlineNode node, CancellationToken cancellationToken) =>
        (await node.GetStatusAsync(cancellationToken)).Sockets[0].Contacts;

    private Task HappenedAsync(MainlineNode node, string what, CancellationToken cancellationToken)
    {
        view.Happened($"{node.Endpoints[0],-17} {what}");
        return view.PauseAsync(cancellationToken);
    }
}
