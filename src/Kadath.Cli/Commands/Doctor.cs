using System.CommandLine;
using Kadath.Cli.Control;
using Kadath.Cli.Nodes;
using Kadath.Mainline.Addresses;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli.Commands;

/// <summary>The examination: of the daemon if it answers, else of a node made for it.</summary>
internal sealed class Doctor(CommonOptions options, ParseResult parse, ResultWriter writer)
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(15);

    private readonly List<DoctorCheck> _checks = [];

    /// <summary>Runs all checks.</summary>
    public async Task<DoctorLine> ExamineAsync(CancellationToken cancellationToken)
    {
        string folder = DataFolder.Resolve(parse.GetValue(options.Data));
        IReadOnlyList<string>? bootstrap = options.BootstrapOf(parse);
        bool ownNode = bootstrap is not null || parse.GetValue(options.Ephemeral);
        using ControlClient? daemon = ownNode ? null : await ControlClient.TryConnectAsync(folder, cancellationToken);
        if (daemon is null && parse.GetValue(options.Daemon))
        {
            throw new CliException(ErrorCodes.NoDaemon, $"no daemon answers for {folder}", "start one with kadath up, or name its folder with --data");
        }

        if (daemon is not null)
        {
            var status = (StatusLine)await daemon.RunAsync(new StatusCall(), typeof(StatusLine), static _ => { }, cancellationToken);
            _checks.Add(DoctorCheck.Ok("bind", $"the daemon is bound to {string.Join(", ", status.Nodes.Select(static n => n.Endpoint))}"));
            Network(status, daemon: true, []);
            HostChecks.Disk(_checks, folder, status.Store);
        }
        else
        {
            await OwnNodeAsync(bootstrap, cancellationToken);
            HostChecks.Disk(_checks, folder, null);
        }

        HostChecks.Clock(_checks, folder);
        return Verdict(daemon is null ? "ephemeral" : "daemon");
    }

    private async Task OwnNodeAsync(IReadOnlyList<string>? bootstrap, CancellationToken cancellationToken)
    {
        MainlineNode node;
        try
        {
            node = await EphemeralNode.StartAsync(options.BindOf(parse), bootstrap, default, cancellationToken);
        }
        catch (BindException e)
        {
            _checks.Add(DoctorCheck.Fail("bind", e.Message, e.Hint));
            foreach (string name in (string[])["firewall", "reachability", "bootstrap", "id"])
            {
                _checks.Add(DoctorCheck.Skipped(name, "needs a bound address"));
            }

            return;
        }

        await using (node)
        {
            await using TrafficReport report = new(node);
            _checks.Add(DoctorCheck.Ok("bind", $"{string.Join(", ", node.Endpoints)} can be bound"));
            TimeSpan patience = options.TimeoutOf(parse) ?? DefaultPatience;
            writer.Progress("asking the bootstrap nodes");
            MainlineStatus before = await node.GetStatusAsync(cancellationToken);
            var seen = new List<Endpoint>();
            if (before.Routers.Count > 0 && await EphemeralNode.WaitForContactAsync(node, patience, cancellationToken))
            {
                Id160 target = Id160.Read(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20));
                FindNodeResult found = await node.FindNodeAsync(target, patience, cancellationToken);
                seen.AddRange(found.Outcomes.Where(static o => o.External.IsValid).Select(static o => o.External));
            }

            var status = (StatusLine)await new StatusCall().RunAsync(node, static _ => { }, cancellationToken);
            Network(status, daemon: false, seen);
        }
    }

    private void Network(StatusLine status, bool daemon, List<Endpoint> seen)
    {
        List<Endpoint> local = [.. status.Nodes.Select(static n => Parse(n.Endpoint))];
        bool confined = local.All(static e => e.Scope is AddressScope.Loopback or AddressScope.LinkLocal);
        Bootstrap(status);
        Firewall(status, daemon, confined);
        List<Endpoint> external = [.. status.Nodes.Where(static n => n.ExternalEndpoint is not null).Select(static n => Parse(n.ExternalEndpoint!)), .. seen];
        Reachability(local, external, confined);
        Ids(status);
    }

    private void Bootstrap(StatusLine status)
    {
        int contacts = status.Nodes.Sum(static n => n.Contacts);
        string asked = string.Join(", ", status.Bootstrap);
        _checks.Add(contacts > 0 ? DoctorCheck.Ok("bootstrap", $"{contacts} contacts answer")
            : status.Bootstrap.Count == 0 ? DoctorCheck.Warn("bootstrap", "there is no bootstrap node, and nobody is known", "name one with --bootstrap HOST:PORT, unless others shall find this node")
            : DoctorCheck.Fail("bootstrap", $"none of {asked} answered", "check the network and the firewall (outgoing UDP), or name another with --bootstrap HOST:PORT"));
    }

    private void Firewall(StatusLine status, bool daemon, bool confined) => _checks.Add(
        confined ? DoctorCheck.Skipped("firewall", "the node is bound to this machine or link alone")
        : !daemon ? DoctorCheck.Skipped("firewall", "a read-only node gets no queries, so they cannot be seen to come through", "run kadath up, and ask again after ten minutes")
        : status.Queries.In > 0 ? DoctorCheck.Ok("firewall", $"{status.Queries.In} queries came in from others")
        : status.UptimeSeconds < 600 ? DoctorCheck.Skipped("firewall", $"no query came in yet; the node is up for {status.UptimeSeconds} s", "ask again after ten minutes")
        : DoctorCheck.Warn("firewall", $"no query came in within {status.UptimeSeconds / 60} minutes", $"let UDP through to port {string.Join(", ", status.Nodes.Select(static n => Parse(n.Endpoint).Port).Distinct())}"));

    private void Reachability(List<Endpoint> local, List<Endpoint> external, bool confined)
    {
        if (confined || external.Count == 0)
        {
            _checks.Add(DoctorCheck.Skipped("reachability", confined ? "the node is bound to this machine or link alone" : "nobody has told how the node is seen from outside"));
            return;
        }

        Endpoint seen = external.GroupBy(static e => e).OrderByDescending(static g => g.Count()).ThenBy(static g => g.Key).First().Key;
        bool direct = local.Any(l => l.SameAddress(seen)), samePort = local.Any(l => l.Port == seen.Port);
        _checks.Add(direct ? DoctorCheck.Ok("reachability", $"seen from outside as {seen}, its own address")
            : samePort ? DoctorCheck.Ok("reachability", $"seen from outside as {seen}: behind address translation that keeps the port")
            : DoctorCheck.Warn("reachability", $"seen from outside as {seen}: address translation changes the port", $"forward UDP port {local[0].Port} to this machine in the router"));
    }

    private void Ids(StatusLine status)
    {
        foreach (StatusNode node in status.Nodes.Where(static n => n.ExternalEndpoint is not null && n.Id is not null))
        {
            Endpoint external = Parse(node.ExternalEndpoint!);
            if (external.Scope == AddressScope.Global && NodeIds.TryParseHex(node.Id, out Id160 id) && !SecureId.IsValid(id, external, Crypto.CryptoProvider.Default.Crc32C))
            {
                _checks.Add(DoctorCheck.Warn("id", $"{node.Id} does not fit {external} (BEP 42)", "wait: the id follows the external address within the hour"));
                return;
            }
        }

        bool known = status.Nodes.Any(static n => n.ExternalEndpoint is not null && Parse(n.ExternalEndpoint).Scope == AddressScope.Global);
        _checks.Add(DoctorCheck.Ok("id", known ? "the ids fit the external addresses (BEP 42)" : "no global address is known that the ids would have to fit (BEP 42)"));
    }

    private DoctorLine Verdict(string via)
    {
        string[] order = ["bind", "firewall", "reachability", "bootstrap", "clock", "id", "disk"];
        DoctorCheck[] checks = [.. _checks.OrderBy(c => Array.IndexOf(order, c.Name))];
        string verdict = checks.Any(static c => c.Verdict == "fail") ? "fail" : checks.Any(static c => c.Verdict == "warn") ? "warn" : "ok";
        DoctorCheck? worst = checks.FirstOrDefault(static c => c.Verdict == "fail");
        string code = worst?.Name switch { "bind" => ErrorCodes.BindFailed, "bootstrap" => ErrorCodes.NoAnswer, _ => ErrorCodes.Unhealthy };
        return new DoctorLine { Verdict = verdict, Checks = checks, Via = via, Error = worst is null ? null : new ErrorInfo(code, $"{worst.Name}: {worst.Detail}", worst.Remedy) };
    }

    private static Endpoint Parse(string text) => Endpoint.TryParse(text, out Endpoint endpoint) ? endpoint : default;
}
