using Kadath.Tests.Node.Mainline;

namespace Kadath.Tests.Node;

/// <summary>Runs the tests, or the child process that one of them kills.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments) => arguments is [CrashNode.Command, .. string[] rest]
        ? await CrashNode.RunAsync(rest)
        : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
}
