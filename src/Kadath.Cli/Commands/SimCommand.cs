using System.CommandLine;
using System.Globalization;
using Kadath.Cli.Nodes;
using Kadath.Simulator;
using Kadath.Simulator.Links;
using Kadath.Simulator.Reports.Html;
using Kadath.Simulator.Scenarios;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Runs a whole network on virtual time.</summary>
internal static class SimCommand
{
    public static Command Create(CommandFactory factory)
    {
        Command command = factory.Plain(
            "sim", "Simulate a whole network", "kadath sim lookups --nodes 10000 --k 20 --alpha 3", "kadath sim converge --nodes 1000 --seed 7 --json", "kadath sim lookups --rtt lossy --tables ideal --html report.html", "kadath sim stale --nodes 500 --lookups 20 --trace 3", "kadath sim --compare before.json after.json");
        var options = new SimOptions();
        options.AddTo(command);
        command.SetAction(parse =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.Guard(writer, () => options.CompareOf(parse) is [var a, var b]
                ? SimCompare.Run(a, b, writer.Json)
                : Run(options.Read(parse), options.DetailsOf(parse), options.HtmlOf(parse), writer.Json));
        });
        return command;
    }

    private static int Run(ScenarioOptions options, RunDetails details, ReportFile? html, bool json)
    {
        using var interrupts = new Interrupts(ExitCodes.Interrupted);
        var progress = new SimProgress(options.Nodes);
        SimulationReport report;
        try
        {
            report = ScenarioCatalog.Run(options, progress.Look, details, interrupts.Token);
        }
        catch (ArgumentException e)
        {
            throw CliException.Usage(e.Message, "kadath sim --help shows what is possible");
        }
        catch (OperationCanceledException)
        {
            throw new CliException(ErrorCodes.Interrupted, "interrupted");
        }

        if (json)
        {
            using Stream output = Console.OpenStandardOutput();
            output.Write(ReportJson.Write(report));
            output.Write("\n"u8);
        }
        else
        {
            SimView.Render(Tables.Console(), report);
        }

        Console.Error.Write(string.Concat((report.Course?.Lines ?? []).Select(static line => line + Environment.NewLine)));
        html?.Write(ReportHtml.Write(report));
        if (details.Lookup > 0 && report.Course is null)
        {
            Console.Error.WriteLine($"kadath: there was no lookup {details.Lookup} to be traced");
        }

        foreach (string failure in report.Failures)
        {
            Console.Error.WriteLine($"kadath: {failure}");
        }

        return report.Failures.Count == 0 ? ExitCodes.Done : ExitCodes.Nothing;
    }
}

/// <summary>The options of <c>kadath sim</c>.</summary>
internal sealed class SimOptions
{
    private readonly Argument<string> _scenario = new("SCENARIO") { Description = string.Join("; ", ScenarioCatalog.All.Select(static s => $"{s.Name}: {s.Summary}")), Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<int> _nodes = new("--nodes") { Description = "Nodes of the network", DefaultValueFactory = static _ => 1000, HelpName = "N" };
    private readonly Option<ulong> _seed = new("--seed") { Description = "The seed, which decides everything", DefaultValueFactory = static _ => 1, HelpName = "S" };
    private readonly Option<string> _network = new("--network") { Description = "The network that runs", DefaultValueFactory = static _ => "mainline", HelpName = "NAME" };
    private readonly Option<int> _k = new("--k") { Description = "One k for every bucket, for replies, lookups and replication (default: the network's constants)", HelpName = "K" };
    private readonly Option<int> _alpha = new("--alpha") { Description = "Queries in flight on each path (default: the network's constant)", HelpName = "A" };
    private readonly Option<int> _paths = new("--paths") { Description = "Disjoint paths of every lookup, 1 to 8", HelpName = "D" };
    private readonly Option<int> _lookups = new("--lookups") { Description = "Lookups to be measured", DefaultValueFactory = static _ => 1000, HelpName = "L" };
    private readonly Option<double> _hours = new("--hours") { Description = "Virtual hours, where a scenario has a length", DefaultValueFactory = static _ => 24, HelpName = "H" };
    private readonly Option<string?> _share = new("--share") { Description = "Share of the nodes that the scenario is about", HelpName = "F" };
    private readonly Option<string?> _behaviour = new("--behaviour") { Description = "Behaviour of adversaries", HelpName = "B" };
    private readonly Option<string[]> _set = new("--set") { Description = "Another setting of a scenario (repeatable)", HelpName = "NAME=VALUE" };
    private readonly Option<string> _rtt = new("--rtt") { Description = "Link model: six-regions, lossy, or a file", DefaultValueFactory = static _ => "six-regions", HelpName = "MODEL" };
    private readonly Option<string> _tables = new("--tables") { Description = "grown through joins, or ideal: filled by decree", DefaultValueFactory = static _ => "grown", HelpName = "HOW" };

    private readonly Option<string?> _html = new("--html") { Description = "Write a report with plots into this file: one page that needs nothing else", HelpName = "FILE" };

    private readonly Option<int> _trace = new("--trace") { Description = "Print the course of one measured lookup on standard error, 1 for the first", HelpName = "LOOKUP" };
    private readonly Option<string[]> _compare = new("--compare") { Description = "Lay two runs, saved with --json, side by side instead of running one", HelpName = "A.json B.json", Arity = new(2, 2), AllowMultipleArgumentsPerToken = true };

    public void AddTo(Command command)
    {
        command.Add(_scenario);
        foreach (Option option in (ReadOnlySpan<Option>)[_nodes, _seed, _network, _k, _alpha, _paths, _lookups, _hours, _share, _behaviour, _set, _rtt, _tables, _html, _trace, _compare])
        {
            command.Add(option);
        }

        _tables.AcceptOnlyFromAmong("grown", "ideal");
    }

    /// <summary>The two files to be compared; null where a run is wanted.</summary>
    public string[]? CompareOf(ParseResult parse) => parse.GetValue(_compare) is not { Length: 2 } files ? null
        : parse.GetValue(_scenario) is null ? files
        : throw CliException.Usage("--compare takes no scenario: it reads two runs", null);

    /// <summary>What the report holds beyond numbers.</summary>
    public RunDetails DetailsOf(ParseResult parse) => parse.GetValue(_trace) is >= 0 and var lookup
        ? new() { Picture = parse.GetValue(_html) is not null, Lookup = lookup }
        : throw CliException.Usage("--trace takes the number of a lookup, 1 for the first", null);

    /// <summary>Where the report with plots goes; null for nowhere.</summary>
    public ReportFile? HtmlOf(ParseResult parse) => parse.GetValue(_html) is { } path ? ReportFile.At(path) : null;

    public ScenarioOptions Read(ParseResult parse)
    {
        string scenario = parse.GetValue(_scenario) ?? throw CliException.Usage("which scenario?", "kadath sim --help lists them"), rtt = parse.GetRequiredValue(_rtt);
        if (ScenarioCatalog.Find(scenario) is null)
        {
            throw CliException.Usage($"there is no scenario '{scenario}'", string.Join(", ", ScenarioCatalog.All.Select(static s => s.Name)));
        }

        return new()
        {
            Scenario = scenario,
            Nodes = parse.GetRequiredValue(_nodes),
            Seed = parse.GetRequiredValue(_seed),
            Network = parse.GetRequiredValue(_network),
            K = parse.GetValue(_k),
            Alpha = parse.GetValue(_alpha),
            Paths = parse.GetValue(_paths),
            Lookups = parse.GetRequiredValue(_lookups),
            Hours = parse.GetRequiredValue(_hours),
            Rtt = ModelOf(rtt),
            IdealTables = parse.GetRequiredValue(_tables) == "ideal",
            Settings = SettingsOf([(_share.Name, parse.GetValue(_share)), (_behaviour.Name, parse.GetValue(_behaviour)), .. (parse.GetValue(_set) ?? []).Select(Split)]),
        };
    }

    private static (string Name, string? Value) Split(string setting) => setting.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
        ? (setting[..at], setting[(at + 1)..])
        : throw CliException.Usage($"--set takes NAME=VALUE, not '{setting}'", null);

    private static RttModel ModelOf(string rtt)
    {
        try
        {
            return RttModel.Named(rtt) ?? RttModelFile.Load(rtt);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CliException.Usage($"--rtt: {e.Message}", "six-regions, lossy, or a file");
        }
    }

    private static Dictionary<string, string> SettingsOf(ReadOnlySpan<(string Name, string? Value)> given)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string? value) in given)
        {
            if (value is not null)
            {
                settings[name.TrimStart('-')] = value;
            }
        }

        return settings;
    }
}

/// <summary>Says on standard error how far a run is.</summary>
internal sealed class SimProgress(int nodes)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private readonly long _began = System.Diagnostics.Stopwatch.GetTimestamp();
    private TimeSpan _said;
    private long _events;

    /// <summary>Says something every two seconds.</summary>
    public void Look(KademliaNetwork network)
    {
        TimeSpan elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(_began);
        if (elapsed - _said < s_interval)
        {
            return;
        }

        double rate = (network.Events - _events) / (elapsed - _said).TotalSeconds;
        double part = network.Expected > TimeSpan.Zero ? Math.Min(1, (network.Now - SimulationReport.Origin) / network.Expected) : 0;
        string eta = part > 0.01 ? string.Create(CultureInfo.InvariantCulture, $", ETA {elapsed.TotalSeconds * (1 - part) / part:0} s") : "";
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"kadath: {network.LiveCount}/{nodes} nodes, {(network.Now - SimulationReport.Origin).TotalSeconds:0} virtual s, {rate / 1e6:0.00} M events/s{eta}"));
        (_said, _events) = (elapsed, network.Events);
    }
}

/// <summary>Shows a report to people.</summary>
internal static class SimView
{
    public static void Render(IAnsiConsole console, SimulationReport report)
    {
        ScenarioOptions options = report.Options;
        (string, object?)[] facts =
        [
            ("scenario", options.Scenario),
            ("nodes", options.Nodes),
            ("seed", options.Seed),
            ("k", options.K == 0 ? "network's own" : options.K),
            ("RTT model", options.Rtt.Name),
            ("tables", options.IdealTables ? "ideal" : "grown"),
            ("trace hash", report.TraceHash),
            ("events", report.Events),
            ("events/s", Text(report.EventsPerSecond)),
            ("RPCs/s", Text(report.RpcsPerSecond)),
            ("wall", $"{Text(report.Wall.TotalSeconds)} s"),
            ("bytes/node", Text(report.BytesPerNode)),
            ("maintenance bytes/node/h", Text(report.MaintenanceBytesPerNodeHour)),
            .. report.Extra.Select(static extra => (extra.Name, (object?)Text(extra.Value))),
        ];
        console.Facts(facts);
        if (report.Lookups is { } lookups)
        {
            Render(console, lookups);
        }
    }

    private static void Render(IAnsiConsole console, LookupSummary lookups)
    {
        console.Facts(
            ("lookups", lookups.Count),
            ("success", $"{Text(100 * lookups.Success)} % (at least {Text(100 * lookups.SuccessLow)} %)"),
            ("closest found", $"{Text(100 * lookups.SuccessClosest)} %"),
            ("coverage", $"{Text(100 * lookups.Coverage)} %"),
            ("stretch", Text(lookups.Stretch)));
        Table table = Tables.Create("", "mean", "p50", "p95", "p99", "max");
        Row(table, "first answer of the closest, ms", lookups.FirstAnswerMs);
        Row(table, "first answer of the k closest, ms", lookups.FirstOfKMs);
        Row(table, "done, ms", lookups.DoneMs);
        Row(table, "hops", lookups.Hops);
        Row(table, "messages", lookups.Messages);
        console.Write(table);
    }

    private static void Row(Table table, string name, in Distribution d) => table.Row(name, Text(d.Mean), Text(d.P50), Text(d.P95), Text(d.P99), Text(d.Max));

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.###", CultureInfo.InvariantCulture);
}
