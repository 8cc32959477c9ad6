namespace Kadath.Tests.ConstantTime;

/// <summary>Runs the tests or, with <c>kernels COUNT</c>, everything of the library that touches secrets, so that the
/// compiler shows its code; or, with <c>time [NAME [SAMPLES]]</c>, measures by hand whether time tells secrets apart.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["kernels", var count]:
                Kernels.Run(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
                return 0;
            case ["time", .. var rest]:
                return TimingTest.Run(rest is [var name, ..] ? name : "", rest is [_, var samples] ? int.Parse(samples, System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
            default:
                return arguments.Any(argument => argument is "--server" or "--internal-msbuild-node")
                    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
        }
    }
}
