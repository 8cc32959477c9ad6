using System.CommandLine;
using Kadath.Cli.Nodes;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Makes commands with what they have in common: options, examples in their help, and one way to fail.</summary>
internal sealed class CommandFactory
{
    private readonly Dictionary<Command, string[]> _examples = [];

    /// <summary>The options that commands share.</summary>
    public CommonOptions Options { get; } = new();

    /// <summary>The examples of a command's help.</summary>
    public IReadOnlyList<string> ExamplesOf(Command command) => _examples.GetValueOrDefault(command, []);

    /// <summary>A command that asks a node: the daemon, or one of its own.</summary>
    public Command Client(string name, string description, params string[] examples)
    {
        Command command = Plain(name, description, examples);
        Options.AddClientOptions(command);
        return command;
    }

    /// <summary>A command with the options that all have.</summary>
    public Command Plain(string name, string description, params string[] examples)
    {
        var command = new Command(name, description);
        _examples.Add(command, examples);
        return command;
    }

    /// <summary>Has the command run a call.</summary>
    /// <param name="command">The command.</param>
    /// <param name="prepare">Makes the call from the arguments.</param>
    /// <param name="render">Prints its result for people.</param>
    /// <param name="item">Prints a line of a stream for people; null for calls that are no streams.</param>
    public Command Runs<T>(Command command, Func<ParseResult, CancellationToken, Task<Call>> prepare, Action<IAnsiConsole, T> render, Action<IAnsiConsole, T>? item = null)
        where T : Result
    {
        command.SetAction((parse, _) =>
        {
            ResultWriter writer = Writer(parse);
            Action<T>? print = item is null ? null : line => writer.Write(line, item);
            return new CommandContext(Options, parse, writer).RunAsync(token => prepare(parse, token), render, print);
        });
        return command;
    }

    /// <summary>The writer of a command line.</summary>
    public ResultWriter Writer(ParseResult parse) => new(parse.GetValue(Options.Json));

    /// <summary>Runs a command that is no call, and turns what it throws into its error.</summary>
    public int Guard(ResultWriter writer, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception e)
        {
            return writer.Fail(CallRunner.Explain(e));
        }
    }

    /// <inheritdoc cref="Guard"/>
    public async Task<int> GuardAsync(ResultWriter writer, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception e)
        {
            return writer.Fail(CallRunner.Explain(e));
        }
    }
}
