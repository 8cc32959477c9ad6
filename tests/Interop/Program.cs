namespace Kadath.Tests.Interop;

/// <summary>Runs the tests or, with <c>--interop-table [--json]</c>, prints what Kadath and each foreign peer can do with each other.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
    }
}
