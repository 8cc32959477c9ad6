using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Kadath.Tests.Node.Cli;

/// <summary><c>kadath tls serve</c> and <c>kadath tls connect</c>, with each other.</summary>
public sealed class TlsCommandTests
{
    private const string Handshake = "event group suite signature kind helloRetry earlyData alpn sni peer exporter keyUpdates bytesIn bytesOut milliseconds";

    [Fact]
    public async Task A_pinned_server_is_verified_resumed_and_agrees_on_everything()
    {
        await using Server server = await Server.StartAsync("--alpn", "a,b");
        CliRun run = await CliProgram.RunAsync("tls", "connect", server.Target, "--pin", server.Pin, "--alpn", "b", "--resume", "--json");
        Assert.Equal(0, run.Exit);
        JsonElement[] lines = [.. run.Lines];
        Assert.Equal(["full", "resumed"], lines.Select(static line => line.GetProperty("kind").GetString()));
        foreach (JsonElement line in lines)
        {
            Assert.Equal(Handshake, CliRun.Members(line));
            Assert.Equal("X25519MLKEM768", line.GetProperty("group").GetString());
            Assert.Equal("b", line.GetProperty("alpn").GetString());
            Assert.Equal((5, 5), (line.GetProperty("bytesIn").GetInt64(), line.GetProperty("bytesOut").GetInt64()));
            JsonElement peer = line.GetProperty("peer");
            Assert.Equal("type spkiSha256 subject verified state", CliRun.Members(peer));
            Assert.Equal((true, server.Pin), (peer.GetProperty("verified").GetBoolean(), peer.GetProperty("spkiSha256").GetString()));
            JsonElement seen = await server.NextAsync();
            Assert.Equal(Handshake, CliRun.Members(seen));
            Assert.Equal(line.GetProperty("exporter").GetString(), seen.GetProperty("exporter").GetString());
        }

        Assert.Equal("ecdsa_secp256r1_sha256", lines[0].GetProperty("signature").GetString());
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("signature").ValueKind);
    }

    [Fact]
    public async Task A_stranger_is_refused_and_both_sides_say_so()
    {
        await using Server server = await Server.StartAsync();
        CliRun run = await CliProgram.RunAsync("tls", "connect", server.Target, "--json");
        Assert.Equal(1, run.Exit);
        Assert.Equal("event by alert reason", CliRun.Members(run.Json));
        Assert.Equal(("us", "unknown_ca"), (run.Json.GetProperty("by").GetString(), run.Json.GetProperty("alert").GetString()));
        JsonElement seen = await server.NextAsync();
        Assert.Equal(("peer", "unknown_ca"), (seen.GetProperty("by").GetString(), seen.GetProperty("alert").GetString()));

        run = await CliProgram.RunAsync("tls", "connect", server.Target, "--insecure", "--json");
        Assert.Equal(0, run.Exit);
        Assert.False(run.Json.GetProperty("peer").GetProperty("verified").GetBoolean());
        Assert.Equal("unauthenticated", run.Json.GetProperty("peer").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Raw_keys_a_retry_key_updates_and_many_bytes_work()
    {
        await using Server server = await Server.StartAsync("--raw-public-keys", "--keytype", "ed25519", "--groups", "P-384");
        CliRun run = await CliProgram.RunAsync(
            "tls", "connect", server.Target, "--raw-public-keys", "--pin", server.Pin, "--groups", "x25519,secp384r1", "--shares", "X25519", "--bytes", "300000", "--key-update", "2", "--json");
        Assert.True(run.Exit == 0, run.Output + run.Error);
        JsonElement line = run.Json;
        Assert.Equal(("secp384r1", true, 300_000), (line.GetProperty("group").GetString(), line.GetProperty("helloRetry").GetBoolean(), line.GetProperty("bytesIn").GetInt64()));
        Assert.Equal("rawPublicKey", line.GetProperty("peer").GetProperty("type").GetString());
        Assert.Equal("ed25519", line.GetProperty("signature").GetString());
        Assert.InRange(line.GetProperty("keyUpdates").GetProperty("sent").GetInt32(), 2, 4);
    }

    [Fact]
    public async Task Several_connections_end_with_a_summary()
    {
        await using Server server = await Server.StartAsync("--tickets", "sealed");
        CliRun run = await CliProgram.RunAsync("tls", "connect", server.Target, "--pin", server.Pin, "--n", "6", "--concurrency", "3", "--no-echo", "--json");
        Assert.Equal(0, run.Exit);
        JsonElement summary = run.Lines[^1];
        Assert.Equal("event handshakes errors kinds handshakesPerSecond medianMs p99Ms cpuMicroseconds", CliRun.Members(summary));
        Assert.Equal((6, 0), (summary.GetProperty("handshakes").GetInt32(), summary.GetProperty("errors").GetInt32()));
        Assert.Equal(6, summary.GetProperty("kinds").EnumerateObject().Sum(static kind => kind.Value.GetInt32()));
    }

    [Theory]
    [InlineData("connect", "127.0.0.1")]
    [InlineData("connect", "127.0.0.1:0")]
    [InlineData("connect", "127.0.0.1:1", "--groups", "x25518")]
    [InlineData("connect", "127.0.0.1:1", "--groups", "x25519", "--shares", "secp256r1")]
    [InlineData("connect", "127.0.0.1:1", "--pin", "00")]
    [InlineData("connect", "127.0.0.1:1", "--psk", "00")]
    [InlineData("connect", "127.0.0.1:1", "--cert", "no-such-file")]
    [InlineData("connect", "127.0.0.1:1", "--ca", "no-such-file")]
    [InlineData("connect", "127.0.0.1:1", "--tickets", "some")]
    [InlineData("connect", "127.0.0.1:1", "--n", "0")]
    [InlineData("bench", "--fill", "quick")]
    [InlineData("bench", "--fill", "ROT13=managed")]
    [InlineData("bench", "--fill", "AES-128-GCM=managed,X25519=nowhere")]
    [InlineData("serve", "127.0.0.1:0", "--client-auth", "require")]
    [InlineData("serve", "127.0.0.1:0", "--client-auth", "perhaps")]
    public async Task What_makes_no_sense_is_a_fault_of_usage(params string[] arguments)
    {
        CliRun run = await CliProgram.RunAsync(["tls", .. arguments]);
        Assert.True(run.Exit == 2, $"exit {run.Exit}: {run.Error}");
        Assert.NotEqual("", run.Error);
    }

    [Fact]
    public async Task A_fill_that_does_not_exist_is_refused_with_those_that_do()
    {
        CliRun run = await CliProgram.RunAsync("tls", "bench", "--fill", "x25519=nowhere");
        Assert.Contains("X25519 has no fill 'nowhere' here; it has managed", run.Error, StringComparison.Ordinal);
        run = await CliProgram.RunAsync("tls", "bench", "--fill", "ROT13=managed");
        Assert.Contains("AES-128-GCM", run.Error, StringComparison.Ordinal);
        Assert.Contains("ML-DSA-87", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_a_fault_of_the_network()
    {
        CliRun run = await CliProgram.RunAsync("tls", "connect", "127.0.0.1:1", "--json");
        Assert.Equal(1, run.Exit);
        Assert.Equal("network", run.Json.GetProperty("by").GetString());
    }

    /// <summary>A server that runs.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly Process _process;

        private Server(Process process, JsonElement listening)
        {
            _process = process;
            Target = $"127.0.0.1:{listening.GetProperty("port").GetInt32()}";
            Pin = listening.GetProperty("spkiSha256").GetString()!;
        }

        public string Target { get; }

        public string Pin { get; }

        public static async Task<Server> StartAsync(params string[] arguments)
        {
            Process process = CliProgram.Start(["tls", "serve", "127.0.0.1:0", "--json", .. arguments]);
            return new Server(process, await LineAsync(process));
        }

        public Task<JsonElement> NextAsync() => LineAsync(_process);

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private static async Task<JsonElement> LineAsync(Process process)
        {
            string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.NotNull(line);
            return JsonDocument.Parse(line).RootElement;
        }
    }
}
