using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Kadath.Tests.Node.Cli;

/// <summary>What the program says to mistakes, and of itself.</summary>
public sealed class UsageTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";

    [Theory]
    [InlineData("")]
    [InlineData("no-such-command")]
    [InlineData("ping")]
    [InlineData("ping 127.0.0.1")]
    [InlineData("ping 127.0.0.1:0")]
    [InlineData("ping 127.0.0.1:99999")]
    [InlineData("ping ho_st!:1")]
    [InlineData("ping 127.0.0.1:9 extra")]
    [InlineData("ping 127.0.0.1:9 --no-such-option")]
    [InlineData("ping 127.0.0.1:9 --timeout soon")]
    [InlineData("ping 127.0.0.1:9 --timeout 0")]
    [InlineData("ping 127.0.0.1:9 --bind nowhere")]
    [InlineData("ping 127.0.0.1:9 --daemon --ephemeral")]
    [InlineData("find-node xyz")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 --count many")]
    [InlineData("peers 0123456789abcdef --bootstrap 127.0.0.1:9")]
    [InlineData("peers 0123456789abcdef0123456789abcdef01234567 --bootstrap nowhere")]
    [InlineData("peers 0123456789abcdef0123456789abcdef01234567 --bootstrap none --bootstrap 127.0.0.1:9")]
    [InlineData("announce 0123456789abcdef0123456789abcdef01234567 --port 70000 --bootstrap none")]
    [InlineData("put")]
    [InlineData("put a --file b")]
    [InlineData("put a --seq 1")]
    [InlineData("put a --key /no/such/file")]
    [InlineData("put --file /no/such/file")]
    [InlineData("put i01e --bencode")]
    [InlineData("get nothing")]
    [InlineData("follow nothing")]
    [InlineData("keygen /no/such/folder/key")]
    [InlineData("up --port 70000")]
    [InlineData("up --network ethereum")]
    [InlineData("up --bootstrap 127.0.0.1")]
    [InlineData("demo --nodes 2")]
    [InlineData("completion tcsh")]
    public async Task A_mistake_exits_with_2_a_reason_and_a_hint(string line)
    {
        string[] arguments = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CliRun plain = await CliProgram.RunAsync(arguments);
        Assert.True(plain.Exit == 2, $"exit {plain.Exit}: {plain.Error}");
        Assert.Empty(plain.Output);
        string[] said = plain.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("kadath: ", said[0], StringComparison.Ordinal);
        Assert.True(said.Length == 1 || (said.Length == 2 && said[1].StartsWith("hint: ", StringComparison.Ordinal)), plain.Error);

        CliRun json = await CliProgram.RunAsync([.. arguments, "--json"]);
        JsonElement error = json.Json.GetProperty("error");
        Assert.Equal((2, false), (json.Exit, json.Json.GetProperty("ok").GetBoolean()));
        Assert.Contains(error.GetProperty("code").GetString(), (string[])["usage", "configuration"]);
        Assert.Equal(said[0]["kadath: ".Length..], error.GetProperty("message").GetString());
        Assert.DoesNotContain('\n', error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("up")]
    [InlineData("ping")]
    [InlineData("find-node")]
    [InlineData("peers")]
    [InlineData("announce")]
    [InlineData("scrape")]
    [InlineData("put")]
    [InlineData("get")]
    [InlineData("keygen")]
    [InlineData("follow")]
    [InlineData("sample")]
    [InlineData("status")]
    [InlineData("doctor")]
    public async Task Every_command_has_help_with_examples(string command)
    {
        CliRun run = await CliProgram.RunAsync(command, "--help");
        Assert.Equal(0, run.Exit);
        Assert.Contains($"kadath {command}", run.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Contains("--bind", run.Output, StringComparison.Ordinal);
        Assert.Contains("--timeout", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_proposes_commands_and_options()
    {
        Assert.Contains("peers", (await CliProgram.RunAsync("[suggest:9]", "kadath pe")).Output, StringComparison.Ordinal);
        Assert.Contains("--read-only", (await CliProgram.RunAsync("[suggest:12]", "kadath up --r")).Output, StringComparison.Ordinal);
        Assert.Contains("complete", (await CliProgram.RunAsync("completion", "bash")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_private_and_never_replaced()
    {
        using var files = new Files();
        Assert.Equal(0, (await CliProgram.RunAsync("keygen", files.Path("key"))).Exit);
        string secret = File.ReadAllText(files.Path("key"));
        (await CliProgram.RunAsync("keygen", files.Path("key"), "--json")).Expect(2, "ephemeral", "configuration");
        Assert.Equal(secret, File.ReadAllText(files.Path("key")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.Path("key")));
        }
    }

    [Theory]
    [InlineData(CliProgram.Interrupt)]
    [InlineData(CliProgram.Terminate)]
    public async Task A_command_that_is_interrupted_exits_with_130(int signal)
    {
        using Process process = CliProgram.Start("peers", Hash, "--bootstrap", "127.0.0.1:9", "--timeout", "60", "--json");
        await Task.Delay(1500);
        CliProgram.Signal(process, signal);
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(130, process.ExitCode);
        Assert.Equal("interrupted", JsonDocument.Parse(output).RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_demonstration_shows_a_network_and_ends_by_itself()
    {
        CliRun run = await CliProgram.RunAsync("demo", "--nodes", "16", "--json");
        JsonElement json = run.Expect(0, "ephemeral");
        Assert.Equal(7, json.GetProperty("steps").GetArrayLength());
        Assert.All(json.GetProperty("steps").EnumerateArray(), static step => Assert.True(step.GetProperty("ok").GetBoolean(), step.ToString()));
    }

    [Theory]
    [InlineData(CliProgram.Interrupt)]
    [InlineData(CliProgram.Terminate)]
    public async Task A_demonstration_that_stays_answers_other_commands_until_it_is_stopped(int signal)
    {
        using Process demo = CliProgram.Start("demo", "--nodes", "12", "--stay", "--json");
        JsonElement ready = JsonDocument.Parse((await demo.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)))!).RootElement;
        string endpoint = ready.GetProperty("endpoints")[0].GetString()!;
        (await CliProgram.RunAsync("put", "into the demo", "--bootstrap", endpoint, "--json")).Expect(0, "ephemeral");
        CliProgram.Signal(demo, signal);
        await demo.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(0, demo.ExitCode);
    }
}
