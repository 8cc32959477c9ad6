using System.Diagnostics;
using Spectre.Console;

namespace Kadath.Cli;

/// <summary>Prints results on standard output, as tables or as JSON, and everything else on standard error.</summary>
internal sealed class ResultWriter(bool json)
{
    private static readonly Lock Printing = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private IAnsiConsole? _console;

    /// <summary>True if JSON is printed.</summary>
    public bool Json => json;

    /// <summary>Milliseconds since the command began.</summary>
    public long ElapsedMs => (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>Where tables go. Never give it text of a peer as markup: <see cref="Tables"/> does not.</summary>
    public IAnsiConsole Console => _console ??= Tables.Console();

    /// <summary>Prints a result, or its error, and gives the exit code.</summary>
    public int End<T>(T result, Action<IAnsiConsole, T> render)
        where T : Result
    {
        // What was refused before anything was asked has no results to show.
        bool asked = result.Error?.Code is null or ErrorCodes.NotFound or ErrorCodes.NotAccepted or ErrorCodes.NoAnswer or ErrorCodes.Unhealthy;
        if (json || asked)
        {
            Write(result, render);
        }

        if (!json && result.Error is { } error)
        {
            Complain(error);
        }

        return result.Exit;
    }

    /// <summary>Prints one line of a stream.</summary>
    public void Write<T>(T result, Action<IAnsiConsole, T> render)
        where T : Result
    {
        result = result.Via == "daemon" ? result : result with { ElapsedMs = ElapsedMs };
        lock (Printing)
        {
            if (json)
            {
                using Stream output = System.Console.OpenStandardOutput();
                output.Write(CliJson.Line(result));
            }
            else
            {
                render(Console, result);
            }
        }
    }

    /// <summary>Prints an error that came before any result.</summary>
    public int Fail(ErrorInfo error) => json
        ? End(new Result { Error = error }, static (_, _) => { })
        : Complain(error);

    /// <summary>Says on standard error what is going on; nothing in JSON mode, whose readers watch no screen.</summary>
    public void Progress(string text)
    {
        if (!json)
        {
            System.Console.Error.WriteLine($"kadath: {Printable.Line(text)}");
        }
    }

    private static int Complain(ErrorInfo error)
    {
        System.Console.Error.WriteLine($"kadath: {Printable.Line(error.Message)}");
        if (error.Hint is not null)
        {
            System.Console.Error.WriteLine($"hint: {Printable.Line(error.Hint)}");
        }

        return ErrorCodes.ExitOf(error.Code);
    }
}
