using System.CommandLine;
using Kadath.Cli.Control;
using Kadath.Node;
using Spectre.Console;

namespace Kadath.Cli.Nodes;

/// <summary>Runs a call where it belongs: at the daemon if it answers, else on a node of this process's own.</summary>
internal sealed class CommandContext(CommonOptions options, ParseResult parse, ResultWriter writer)
{
    /// <summary>What a search may take when no time is given; a whole lookup over the Internet takes about ten seconds.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs the call and prints its result; gives the exit code.</summary>
    /// <param name="prepare">Makes the call from the arguments; may resolve names.</param>
    /// <param name="render">Prints the result for people.</param>
    /// <param name="item">Prints each result of a stream; null for calls that are no streams.</param>
    public async Task<int> RunAsync<T>(Func<CancellationToken, Task<Call>> prepare, Action<IAnsiConsole, T> render, Action<T>? item = null)
        where T : Result
    {
        using var interrupts = new Interrupts(ExitCodes.Interrupted);
        Call? call = null;
        try
        {
            TimeSpan? given = options.TimeoutOf(parse);
            _ = options.BindOf(parse);
            call = await prepare(interrupts.Token);
            bool bounded = given is not null || !call.IsEndless;
            call = call with { TimeoutMs = bounded ? (int)(given ?? DefaultTimeout).TotalMilliseconds : 0 };
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(interrupts.Token);
            if (bounded)
            {
                // The operation ends by itself and says how far it came; this is for what does not.
                deadline.CancelAfter(call.TimeoutMs + 1500);
            }

            Result result = await RunAsync(call, typeof(T), line => item?.Invoke((T)line), deadline.Token);
            if (call.IsEndless && result.Error is null)
            {
                // Each line of the stream was a result; there is no other at the end.
                return ExitCodes.Done;
            }

            return writer.End((T)result, render);
        }
        catch (OperationCanceledException) when (interrupts.Came)
        {
            // Streams have printed what they found, and being stopped is how they end.
            return call is { IsEndless: true }
                ? ExitCodes.Done
                : Fail<T>(call, new ErrorInfo(ErrorCodes.Interrupted, "interrupted", null), render);
        }
        catch (Exception e) when (!Trace(e))
        {
            return Fail(call, CallRunner.Explain(e), render);
        }
    }

    private int Fail<T>(Call? call, ErrorInfo error, Action<IAnsiConsole, T> render)
        where T : Result => call is null ? writer.Fail(error) : writer.End((T)call.Failed(error), render);

    private async Task<Result> RunAsync(Call call, Type resultType, Action<Result> item, CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? bootstrap = options.BootstrapOf(parse);
        if (bootstrap is null && !parse.GetValue(options.Ephemeral))
        {
            string folder = DataFolder.Resolve(parse.GetValue(options.Data));
            using ControlClient? client = await ControlClient.TryConnectAsync(folder, cancellationToken);
            if (client is not null)
            {
                return await client.RunAsync(call, resultType, item, cancellationToken);
            }

            if (parse.GetValue(options.Daemon) || call is Commands.StatusCall)
            {
                return call.Failed(new ErrorInfo(ErrorCodes.NoDaemon, $"no daemon answers for {folder}", "start one with kadath up, or name its folder with --data"));
            }
        }

        call.CheckEphemeral();
        return await RunEphemeralAsync(call, bootstrap, item, cancellationToken);
    }

    private async Task<Result> RunEphemeralAsync(Call call, IReadOnlyList<string>? bootstrap, Action<Result> item, CancellationToken cancellationToken)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        await using MainlineNode node = await EphemeralNode.StartAsync(options.BindOf(parse), bootstrap, call.Direct, cancellationToken);
        await using TrafficReport report = new(node);
        if (call.NeedsContacts && bootstrap is not { Count: 0 })
        {
            TimeSpan patience = call.TimeoutMs > 0 ? TimeSpan.FromMilliseconds(call.TimeoutMs) : DefaultTimeout;
            writer.Progress("joining the network");
            if (!await EphemeralNode.WaitForContactAsync(node, patience, cancellationToken))
            {
                return call.Failed(new ErrorInfo(ErrorCodes.NoAnswer, "no bootstrap node answered", "is the network reachable? --bootstrap HOST:PORT names another node to begin with"));
            }
        }

        if (call.TimeoutMs > 0)
        {
            double left = call.TimeoutMs - System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            call = call with { TimeoutMs = (int)Math.Max(left, 1) };
        }

        return await CallRunner.RunAsync(call, node, item, cancellationToken);
    }

    private static bool Trace(Exception e)
    {
        if (Environment.GetEnvironmentVariable("KADATH_TRACE") is { Length: > 0 })
        {
            Console.Error.WriteLine(e);
        }

        return false;
    }
}
