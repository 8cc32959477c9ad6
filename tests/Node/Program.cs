using Kadath.Tests.Node.Mainline;
using Kadath.Tests.Node.Namespaces;

namespace Kadath.Tests.Node;

/// <summary>Runs the tests, or the child processes that some of them want: one to be killed, one in a network namespace of its own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments) => arguments switch
    {
        [CrashNode.Command, .. string[] rest] => await CrashNode.RunAsync(rest),
        [NodeHost.Argument] => await NodeHostProgram.RunAsync(Console.In, Console.Out),
        _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments),
    };
}
