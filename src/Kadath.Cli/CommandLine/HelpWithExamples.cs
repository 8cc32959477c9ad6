using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Kadath.Cli.Commands;

namespace Kadath.Cli;

/// <summary>The help of System.CommandLine, with the command's examples after it.</summary>
internal sealed class HelpWithExamples(HelpAction help, CommandFactory factory) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;

        // The file may be called otherwise; the command is called kadath.
        output.Write(text.ToString().Replace($"  {parseResult.RootCommandResult.Command.Name} ", "  kadath ", StringComparison.Ordinal));
        IReadOnlyList<string> examples = factory.ExamplesOf(parseResult.CommandResult.Command);
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  {example}");
            }
        }

        return ExitCodes.Done;
    }
}
