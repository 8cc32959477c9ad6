using System.Diagnostics;

namespace Kadath.Tests.ConstantTime;

/// <summary>Has the compiler print the code of this library, of each of its tiers.</summary>
internal static class Compiler
{
    private const string Methods = "Kadath.Crypto.*:* Kadath.Tests.ConstantTime.LeakyControl:*";

    private const string Never = "7FFFFFFF";

    /// <summary>Instrumented tier 1 is where a ReadyToRun image goes first when it gets hot.</summary>
    private const string OverReadyToRun = "instrumented tier 1";

    /// <summary>The settings that lead to each kind of code, how often the kernels run for it, and the tier that must turn up.</summary>
    /// <remarks>What a profile has inlined differs from run to run; with one, each method is therefore compiled for itself.</remarks>
    private static readonly Dictionary<string, (string[] Settings, int Times, string Tier)> Ways = new()
    {
        ["tier 0"] = (["TieredPGO=0", "TC_CallCountThreshold=" + Never, "OSR_HitLimit=" + Never], 1, "Tier0"),
        ["instrumented tier 0"] = (["TieredPGO=1", "TieredPGO_InstrumentOnlyHotCode=0", "TC_CallCountThreshold=" + Never, "OSR_HitLimit=" + Never], 1, "Instrumented Tier0"),
        ["on-stack replacement"] = (["TieredPGO=0", "TC_OnStackReplacement_InitialCounter=1", "OSR_HitLimit=1", "TC_CallCountThreshold=" + Never], 3, "Tier1-OSR"),
        ["tier 1"] = (["TieredPGO=0", "TC_CallCountThreshold=3", "OSR_HitLimit=" + Never], 30, "Tier1"),
        ["tier 1 with a profile"] = (["TieredPGO=1", "TC_CallCountThreshold=3", "OSR_HitLimit=" + Never, "JitNoInline=1"], 40, "Tier1"),
        [OverReadyToRun] = (["TieredPGO=1", "TC_CallCountThreshold=3", "OSR_HitLimit=" + Never, "JitNoInline=1"], 40, "Instrumented Tier1"),
        ["without tiers"] = (["TieredCompilation=0"], 1, "FullOpts"),
    };

    private static readonly string Library = typeof(Crypto.CryptoProvider).Assembly.Location;

    public static IEnumerable<string> Tiers => Ways.Keys;

    /// <summary>The code that a fresh process compiles for the kernels, and the tier that it is about; null where that needs a compiler that is not there.</summary>
    public static (IReadOnlyList<Listing> Listings, string Tier)? Compile(string way)
    {
        var (settings, times, tier) = Ways[way];
        using var folder = new TemporaryFolder();
        var program = Environment.ProcessPath!;
        if (way == OverReadyToRun)
        {
            foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
            {
                File.Copy(file, folder.File(Path.GetFileName(file)));
            }

            program = folder.File(Path.GetFileName(program));
            if (CompileAhead(folder.File(Path.GetFileName(Library)), folder.File("ahead.txt")) is null)
            {
                return null;
            }
        }

        var output = folder.File("listing.txt");
        var start = new ProcessStartInfo(program, ["kernels", times.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        foreach (var setting in settings)
        {
            start.Environment["DOTNET_" + setting.Split('=')[0]] = setting.Split('=')[1];
        }

        start.Environment["DOTNET_JitDisasm"] = Methods;
        start.Environment["DOTNET_JitStdOutFile"] = output;
        Run(start);
        return (Listing.ReadAll(File.ReadLines(output)), tier);
    }

    /// <summary>The code of a ReadyToRun image of the library, by the compiler from the package cache; null where that is not there.</summary>
    public static IReadOnlyList<Listing>? CompileAhead()
    {
        using var folder = new TemporaryFolder();
        return CompileAhead(folder.File("image.dll"), folder.File("listing.txt"));
    }

    private static IReadOnlyList<Listing>? CompileAhead(string image, string output)
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var compiler = Path.Combine(packages, "microsoft.netcore.app.crossgen2.linux-x64", Environment.Version.ToString(3), "tools", "crossgen2");
        if (!OperatingSystem.IsLinux() || !File.Exists(compiler))
        {
            return null;
        }

        Run(new(compiler,
        [
            Library, "-o", image, "-O", "--targetos", "linux", "--targetarch", "x64", "--parallelism", "1",
            "-r", Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll"), "-r", Path.Combine(Path.GetDirectoryName(Library)!, "Kadath.*.dll"),
            "--codegenopt:JitDisasm=Kadath.Crypto.*:*", "--codegenopt:JitStdOutFile=" + output,
        ]));
        return Listing.ReadAll(File.ReadLines(output));
    }

    private static void Run(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {errors.Result}");
        }
    }

    /// <summary>A folder that lasts as long as one compilation.</summary>
    private sealed class TemporaryFolder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("kadath-").FullName;

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
