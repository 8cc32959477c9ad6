using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using Kadath.Cli.Control;
using Kadath.Cli.Nodes;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>The daemon: a node that runs until it is stopped.</summary>
internal static class UpCommand
{
    public static Command Create(CommandFactory factory)
    {
        var network = new Option<string>("--network") { Description = "The network to join", DefaultValueFactory = static _ => "mainline", HelpName = "NAME" };
        network.AcceptOnlyFromAmong("mainline");
        var port = new Option<int?>("--port") { Description = "UDP port; 0 takes a free one, which is kept over restarts", HelpName = "PORT" };
        var bootstrap = new Option<string[]>("--bootstrap") { Description = "Node to begin with, instead of the public routers (repeatable); none for none", HelpName = "HOST:PORT", AllowMultipleArgumentsPerToken = true };
        var readOnly = new Option<bool>("--read-only") { Description = "Ask, but answer no query (BEP 43)" };
        Command command = factory.Plain(
            "up", "Run a node until it is stopped (Ctrl-C)", "kadath up --port 6881", "kadath up --bind 127.0.0.1 --port 0 --bootstrap 127.0.0.1:7000 --data ./node2 --json");
        foreach (Option option in (Option[])[network, port, bootstrap, readOnly])
        {
            command.Add(option);
        }

        command.SetAction((parse, _) =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.GuardAsync(writer, () =>
            {
                MainlineNodeOptions options = Options(factory.Options, parse, parse.GetValue(port), factory.Options.BootstrapOf(parse, bootstrap), parse.GetValue(readOnly));
                string folder = DataFolder.Resolve(parse.GetValue(factory.Options.Data));
                return RunAsync(writer, options, folder, factory.Options.TimeoutOf(parse));
            });
        });
        return command;
    }

    private static MainlineNodeOptions Options(CommonOptions common, ParseResult parse, int? port, IReadOnlyList<string>? bootstrap, bool readOnly)
    {
        if (port is < 0 or > 65535)
        {
            throw CliException.Usage($"{port} is no port", "from 0 to 65535; 0 takes a free one");
        }

        ushort chosen = (ushort)(port ?? 0);
        Endpoint[] everywhere = Socket.OSSupportsIPv6 ? [Endpoint.V4(0, chosen), Endpoint.V6(0, 0, chosen)] : [Endpoint.V4(0, chosen)];
        return new MainlineNodeOptions
        {
            Bind = common.BindOf(parse, chosen) ?? everywhere,
            Bootstrap = bootstrap,
            Network = new MainlineOptions { ReadOnly = readOnly },
        };
    }

    private static async Task<int> RunAsync(ResultWriter writer, MainlineNodeOptions options, string folder, TimeSpan? lifetime)
    {
        using var interrupts = new Interrupts(ExitCodes.Done);
        using IDisposable folderLock = DataFolder.Lock(folder);
        options = options with { OpenStore = KadathData.Store(folder) };
        MainlineNode node;
        try
        {
            node = await MainlineNode.StartAsync(options, interrupts.Token);
        }
        catch (OperationCanceledException) when (interrupts.Came)
        {
            return ExitCodes.Done;
        }

        await using (node)
        {
            await using TrafficReport report = new(node);
            await using ControlServer control = ControlServer.Start(node, folder);
            var ready = new UpLine
            {
                Event = "ready",
                Endpoints = [.. node.Endpoints.Select(static e => e.ToString())],
                Ids = [.. node.Ids.Select(static id => NodeIds.ToHex(id))],
                Control = control.Path,
                Via = "daemon",
                ElapsedMs = writer.ElapsedMs,
            };
            writer.Write(ready, Render);
            return await StayAsync(node, writer, lifetime, interrupts.Token);
        }
    }

    /// <summary>Waits for the end: a signal, the time given, or a fault of Kadath's own.</summary>
    private static async Task<int> StayAsync(MainlineNode node, ResultWriter writer, TimeSpan? lifetime, CancellationToken interrupted)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        Task watch = WatchAsync(node, writer, ending.Token);
        Task over = Task.Delay(lifetime ?? Timeout.InfiniteTimeSpan, interrupted);
        Task first = await Task.WhenAny(over, node.Completion);
        await ending.CancelAsync();
        await watch;
        if (first == node.Completion)
        {
            await node.Completion;
            throw new CliException(ErrorCodes.Internal, "the node ended by itself", null);
        }

        writer.Progress("stopping");
        return ExitCodes.Done;
    }

    /// <summary>Tells people on standard error what changes: joined, lost, seen from outside as, the store's alarms.</summary>
    private static async Task WatchAsync(MainlineNode node, ResultWriter writer, CancellationToken cancellationToken)
    {
        string? alarm = null, found = null;
        var external = new Dictionary<Endpoint, Endpoint>();
        bool joined = false;
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            do
            {
                MainlineStatus status = await node.GetStatusAsync(cancellationToken);
                Changed(ref found, status.Store.Opening?.Detail, static text => text);
                Changed(ref alarm, status.Store.Alarm, static text => text is null ? "the store works again" : $"ALARM: {text}");
                bool now = status.Sockets.Any(static s => s.Bootstrapped);
                if (now != joined)
                {
                    joined = now;
                    Console.Error.WriteLine(now ? $"kadath: joined the network, {status.Sockets.Sum(static s => s.Contacts)} contacts" : "kadath: lost the network, joining again");
                }

                foreach (MainlineSocketState socket in status.Sockets.Where(s => s.External.IsValid && external.GetValueOrDefault(s.Local) != s.External))
                {
                    external[socket.Local] = socket.External;
                    writer.Progress($"{socket.Local} is seen from outside as {socket.External}");
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }

        static void Changed(ref string? known, string? now, Func<string?, string?> say)
        {
            if (known != now)
            {
                known = now;
                Console.Error.WriteLine($"kadath: {Printable.Line(say(now) ?? "", 1000)}");
            }
        }
    }

    private static void Render(IAnsiConsole console, UpLine line)
    {
        for (int n = 0; n < line.Endpoints.Count; n++)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"listening on {line.Endpoints[n]}, id {line.Ids[n]}"));
        }

        console.WriteLine($"control socket {line.Control}");
    }
}

/// <summary>What the daemon prints when it answers.</summary>
internal sealed record UpLine : Result
{
    /// <summary>"ready".</summary>
    [JsonPropertyOrder(-1)]
    public new required string Event { get; init; }

    public required IReadOnlyList<string> Endpoints { get; init; }

    public required IReadOnlyList<string> Ids { get; init; }

    public required string Control { get; init; }
}
