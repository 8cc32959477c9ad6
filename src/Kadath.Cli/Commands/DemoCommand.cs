using System.CommandLine;
using Kadath.Cli.Demo;
using Kadath.Cli.Nodes;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>A local network in one process that shows what a network does.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandFactory factory)
    {
        var stay = new Option<bool>("--stay") { Description = "Keep the network up, to try other commands on it" };
        var nodes = new Option<int>("--nodes") { Description = "How many nodes", DefaultValueFactory = static _ => 32, HelpName = "N" };
        Command command = factory.Plain("demo", "Watch a local network at work; needs no internet", "kadath demo", "kadath demo --stay", "kadath demo --nodes 100 --json");
        command.Add(stay);
        command.Add(nodes);
        command.SetAction((parse, _) =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.GuardAsync(writer, () =>
            {
                int count = parse.GetValue(nodes);
                if (count is < 8 or > 250)
                {
                    throw CliException.Usage("--nodes must be from 8 to 250", "fewer are no network, more take longer than a minute to watch");
                }

                return RunAsync(writer, count, parse.GetValue(stay), factory.Options.TimeoutOf(parse) ?? TimeSpan.FromSeconds(55));
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(ResultWriter writer, int nodes, bool stay, TimeSpan patience)
    {
        using var interrupts = new Interrupts(stay ? ExitCodes.Done : ExitCodes.Interrupted);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(interrupts.Token);
        deadline.CancelAfter(patience);
        using var view = DemoView.Create(writer.Json);
        await using var network = new DemoNetwork(nodes);
        var story = new DemoStory(network, view);
        try
        {
            await story.RunAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (interrupts.Came)
        {
            return stay ? ExitCodes.Done : writer.Fail(new ErrorInfo(ErrorCodes.Interrupted, "interrupted", null));
        }
        catch (OperationCanceledException)
        {
            story.OutOfTime();
        }

        view.Dispose();
        DemoStep? failed = story.Steps.FirstOrDefault(static s => !s.Ok);
        var line = new DemoLine
        {
            Nodes = network.Alive.Count,
            Steps = story.Steps,
            Endpoints = stay ? [.. network.Alive.Select(static n => n.Endpoints[0].ToString())] : null,
            Event = stay ? "ready" : null,
            Error = failed is null ? null : new ErrorInfo(ErrorCodes.Internal, $"{failed.Name}: {failed.Detail}", "please report it"),
        };
        int exit = writer.End(line, Render);
        if (stay && exit == ExitCodes.Done)
        {
            await Task.Delay(Timeout.Infinite, interrupts.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        return exit;
    }

    private static void Render(IAnsiConsole console, DemoLine line)
    {
        Table table = Tables.Create("", "what", "result", "took");
        foreach (DemoStep step in line.Steps)
        {
            table.Row(step.Ok ? "ok" : "FAILED", step.Name, step.Detail, $"{step.ElapsedMs} ms");
        }

        console.Write(table);
        if (line.Error is null)
        {
            console.WriteLine($"All of it worked, in {line.ElapsedMs / 1000.0:0.0} s, without a packet leaving this machine.");
        }

        if (line.Endpoints is { Count: > 1 } endpoints)
        {
            console.WriteLine($"{endpoints.Count} nodes stay up until Ctrl-C. Try, in another terminal:");
            console.WriteLine($"  kadath put hello --bootstrap {endpoints[0]}");
            console.WriteLine($"  kadath find-node 0123456789abcdef0123456789abcdef01234567 --bootstrap {endpoints[1]}");
            console.WriteLine($"  kadath ping {endpoints[^1]}");
        }
    }
}

/// <summary>Result of demo.</summary>
internal sealed record DemoLine : Result
{
    public required int Nodes { get; init; }

    public required IReadOnlyList<DemoStep> Steps { get; init; }

    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Endpoints { get; init; }
}

/// <summary>One thing that the demonstration shows.</summary>
internal sealed record DemoStep(string Name, bool Ok, string Detail, long ElapsedMs);
