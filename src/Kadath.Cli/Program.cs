using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Kadath.Cli.Commands;

namespace Kadath.Cli;

/// <summary>The command <c>kadath</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var factory = new CommandFactory();
        RootCommand root = Root.Create(factory);
        ParseResult parse = root.Parse(args);
        bool json = args.TakeWhile(static a => a != "--").Contains("--json", StringComparer.Ordinal);
        if (parse.Errors.Count > 0 && parse.Action is not HelpWithExamples)
        {
            return new ResultWriter(json).Fail(Explain(parse));
        }

        // The commands watch for signals themselves: each knows what being stopped means to it.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parse.InvokeAsync(configuration);
    }

    private static ErrorInfo Explain(ParseResult parse)
    {
        string command = string.Join(' ', parse.CommandResult.Command.Parents.OfType<Command>().Reverse().Append(parse.CommandResult.Command).Select(static c => c is RootCommand ? "kadath" : c.Name));
        bool root = parse.CommandResult.Command is RootCommand;
        string message = root && parse.UnmatchedTokens is [{ } unknown, ..] ? $"'{unknown}' is no command or option"
            : root ? "no command was given"
            : string.Join(" ", parse.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return new ErrorInfo(ErrorCodes.Usage, message, $"{command} --help shows what is possible");
    }
}
