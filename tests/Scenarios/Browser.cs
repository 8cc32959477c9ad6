using System.Diagnostics;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>A browser without a window, where one is installed.</summary>
internal static class Browser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>The program, or null.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(static folder => s_names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)))
        .FirstOrDefault(File.Exists);

    /// <summary>The document as the browser understood it.</summary>
    public static Task<string> DocumentAsync(string browser, string file, string folder) => RunAsync(browser, folder, "--dump-dom", file);

    /// <summary>The size of a picture of the page.</summary>
    public static async Task<long> ScreenshotBytesAsync(string browser, string file, string folder)
    {
        string picture = Path.Combine(folder, "page.png");
        await RunAsync(browser, folder, $"--screenshot={picture}", file);
        return new FileInfo(picture).Length;
    }

    private static async Task<string> RunAsync(string browser, string folder, string what, string file)
    {
        var start = new ProcessStartInfo(browser) { RedirectStandardOutput = true, RedirectStandardError = true };
        string profile = Path.Combine(folder, "profile");
        foreach (string argument in (string[])["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={profile}", "--window-size=1200,1600", what, new Uri(file).AbsoluteUri])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{browser}: exit {process.ExitCode}: {await error}");
            return await output;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
