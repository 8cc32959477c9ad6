using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Kadath.Bench.Tls;

/// <summary>What a full handshake costs a server, with the same client: processor time of the server's process.</summary>
internal static partial class ServerRows
{
    private const int Warm = 2000, Count = 3000;

    public static async Task PrintAsync()
    {
        string peers = Environment.GetEnvironmentVariable("KADATH_PEERS") is { Length: > 0 } chosen
            ? chosen : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "kadath", "peers");
        string go = Path.Combine(peers, "bin", "gopeer"), rust = Path.Combine(peers, "bin", "rspeer");
        string kadath = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Kadath.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Kadath.Cli"));
        Console.WriteLine("| server, full X25519MLKEM768 handshakes with a P-256 certificate, client Go | CPU of the server, µs |");
        Console.WriteLine("| --- | ---: |");
        foreach ((string name, string program, string[] arguments) in new (string, string, string[])[]
        {
            ("Kadath", kadath, ["tls", "serve", "127.0.0.1:0", "--tickets", "off", "--json"]),
            ("rustls 0.23 (aws-lc-rs), a thread a connection", rust, ["tls-server", "--port", "34870", "--tickets", "0", "--quiet"]),
            ("Go crypto/tls", go, ["tls-server", "--port", "34871", "--tickets", "off", "--quiet"]),
        })
        {
            Console.WriteLine(File.Exists(program) && File.Exists(go) ? $"| {name} | {TlsCommand.Text(await MeasureAsync(program, arguments, go))} |" : $"| {name} | absent |");
        }
    }

    private static async Task<double> MeasureAsync(string program, string[] arguments, string go)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        using Process server = Process.Start(start)!;
        try
        {
            string ready = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{program} did not start");
            _ = server.StandardOutput.ReadToEndAsync();
            string port = Port().Match(ready).Groups[1].Value;
            await ClientAsync(go, port, Warm);
            double lowest = double.PositiveInfinity;
            for (int pass = 0; pass < 3; pass++)
            {
                server.Refresh();
                TimeSpan before = server.TotalProcessorTime;
                await ClientAsync(go, port, Count);
                server.Refresh();
                lowest = Math.Min(lowest, (server.TotalProcessorTime - before).TotalMicroseconds / Count);
            }

            return lowest;
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task ClientAsync(string go, string port, int count)
    {
        ProcessStartInfo start = new(go, ["tls-client", "--host", "127.0.0.1", "--port", port, "--insecure", "--groups", "X25519MLKEM768", "--n", $"{count}", "--concurrency", "4", "--no-echo"])
        {
            RedirectStandardOutput = true,
        };
        using Process client = Process.Start(start)!;
        string result = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        if (!result.Contains("\"errors\":0", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(result);
        }
    }

    [GeneratedRegex("\"port\":(\\d+)")]
    private static partial Regex Port();
}
