namespace Kadath.Tests.ConstantTime;

/// <summary>Runs the tests or, with <c>kernels COUNT</c>, everything of the library that touches secrets, so that the compiler shows its code.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["kernels", var count]:
                Kernels.Run(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
                return 0;
            default:
                return arguments.Any(argument => argument is "--server" or "--internal-msbuild-node")
                    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
        }
    }
}
