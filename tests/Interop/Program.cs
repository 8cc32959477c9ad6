using Kadath.Tests.Interop.Matrix;

namespace Kadath.Tests.Interop;

/// <summary>Runs the tests or, with <c>--interop-table [--json] [--tls]</c>, prints what Kadath and each foreign peer can do with each other.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments.Contains("--interop-table"))
        {
            return await InteropTable.PrintAsync(arguments.Contains("--json"), arguments.Contains("--tls"));
        }

        return arguments.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
    }
}
