using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Kadath.Tests.Node.Cli;

/// <summary>The daemon as a program: its first line, its lock, its socket, its end.</summary>
public sealed class DaemonTests
{
    [Fact]
    public async Task The_daemon_says_when_it_answers()
    {
        await using CliDaemon daemon = await CliDaemon.StartAsync();
        Assert.Equal("event endpoints ids control ok via elapsedMs", CliRun.Members(daemon.Ready));
        Assert.Equal("ready", daemon.Ready.GetProperty("event").GetString());
        Assert.Matches("^127\\.0\\.0\\.1:[1-9][0-9]*$", daemon.Endpoint);
        Assert.Matches("^[0-9a-f]{40}$", daemon.Ready.GetProperty("ids")[0].GetString());
        Assert.Equal(Path.Combine(daemon.Folder, "control.sock"), daemon.Control);
        (await CliProgram.RunAsync("ping", daemon.Endpoint, "--json")).Expect(0, "ephemeral");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(daemon.Control));
        }
    }

    [Theory]
    [InlineData(CliProgram.Interrupt)]
    [InlineData(CliProgram.Terminate)]
    public async Task A_signal_ends_the_daemon_well_within_five_seconds(int signal)
    {
        await using CliDaemon daemon = await CliDaemon.StartAsync();
        var clock = Stopwatch.StartNew();
        Assert.Equal(0, await daemon.StopAsync(signal));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        Assert.False(File.Exists(daemon.Control));
    }

    [Fact]
    public async Task A_daemon_that_is_alone_keeps_what_it_is_given_and_the_next_one_finds_it()
    {
        await using CliDaemon alone = await CliDaemon.StartAsync();
        JsonElement put = (await alone.RunAsync("put", "the first of many")).Expect(0, "daemon");
        string target = put.GetProperty("target").GetString()!;
        Assert.Equal(1, put.GetProperty("stored").GetInt32());
        JsonElement own = Assert.Single(put.GetProperty("nodes").EnumerateArray());
        Assert.Equal(alone.Ready.GetProperty("ids")[0].GetString(), own.GetProperty("id").GetString());
        Assert.Equal((alone.Endpoint, "stored"), (own.GetProperty("endpoint").GetString(), own.GetProperty("outcome").GetString()));
        Assert.Equal("the first of many", (await alone.RunAsync("get", target)).Expect(0, "daemon").GetProperty("text").GetString());

        string hash = new('a', 40);
        (await alone.RunAsync("announce", hash, "--port", "7777")).Expect(0, "daemon");
        Assert.Equal("127.0.0.1:7777", Assert.Single((await alone.RunAsync("peers", hash)).Expect(0, "daemon").GetProperty("peers").EnumerateArray()).GetString());
        Assert.Equal(1, (await alone.RunAsync("scrape", hash)).Expect(0, "daemon").GetProperty("peers").GetInt32());

        await using CliDaemon second = await CliDaemon.StartAsync(bootstrap: alone.Endpoint);
        Assert.Equal("the first of many", (await second.RunAsync("get", target)).Expect(0, "daemon").GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_second_daemon_in_the_same_folder_exits_with_3_and_leaves_the_first_alone()
    {
        await using CliDaemon daemon = await CliDaemon.StartAsync();
        (await daemon.RunAsync("up", "--bind", "127.0.0.1", "--bootstrap", "none")).Expect(3, "ephemeral", "in-use");
        (await daemon.RunAsync("status", "--daemon")).Expect(0, "daemon");
    }

    [Fact]
    public async Task After_sudden_death_the_next_daemon_takes_the_folder_the_port_and_the_id_again()
    {
        using var files = new Files();
        string folder = files.Path("data"), endpoint, id;
        await using (CliDaemon first = await CliDaemon.StartAsync(folder))
        {
            (endpoint, id) = (first.Endpoint, first.Ready.GetProperty("ids")[0].GetString()!);
            await first.StopAsync(CliProgram.Kill);
            Assert.True(File.Exists(first.Control));
        }

        // Nobody listens on the socket that is left: a client takes a node of its own, and --daemon fails.
        (await CliProgram.RunAsync("status", "--data", folder, "--json")).Expect(3, "ephemeral", "no-daemon");
        await using CliDaemon second = await CliDaemon.StartAsync(folder);
        Assert.Equal(endpoint, second.Endpoint);
        JsonElement status = (await second.RunAsync("status")).Expect(0, "daemon");
        Assert.Contains("not closed properly", status.GetProperty("store").GetProperty("opening").GetString(), StringComparison.Ordinal);
        Assert.Equal(40, id.Length);
    }

    [Fact]
    public async Task The_id_and_the_port_outlive_a_restart()
    {
        using var files = new Files();
        JsonElement before, after;
        await using (CliDaemon daemon = await CliDaemon.StartAsync(files.Path("data")))
        {
            before = daemon.Ready;
        }

        await using (CliDaemon daemon = await CliDaemon.StartAsync(files.Path("data")))
        {
            after = daemon.Ready;
        }

        Assert.Equal(before.GetProperty("endpoints").ToString(), after.GetProperty("endpoints").ToString());
        Assert.Equal(before.GetProperty("ids").ToString(), after.GetProperty("ids").ToString());
    }

    [Fact]
    public async Task A_port_that_is_taken_exits_with_3()
    {
        await using CliDaemon daemon = await CliDaemon.StartAsync();
        using var files = new Files();
        string port = daemon.Endpoint.Split(':')[1];
        JsonElement json = (await CliProgram.RunAsync("up", "--bind", "127.0.0.1", "--port", port, "--bootstrap", "none", "--data", files.Path("data"), "--json")).Expect(3, "ephemeral", "bind-failed");
        Assert.Contains(daemon.Endpoint, json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_file_is_set_aside_and_told()
    {
        using var files = new Files();
        Directory.CreateDirectory(files.Path("data"));
        File.WriteAllText(files.Path("data/kadath.db"), new string('x', 5000));
        await using CliDaemon daemon = await CliDaemon.StartAsync(files.Path("data"));
        JsonElement status = (await daemon.RunAsync("status")).Expect(0, "daemon");
        Assert.Contains("set aside", status.GetProperty("store").GetProperty("opening").GetString(), StringComparison.Ordinal);
        Assert.Equal(5000, new FileInfo(Directory.GetFiles(files.Path("data"), "kadath.db.aside-*").Single()).Length);
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_moves_it_to_the_runtime_folder()
    {
        using var files = new Files();
        string folder = files.Path(new string('d', 60) + "/" + new string('e', 60));
        await using CliDaemon daemon = await CliDaemon.StartAsync(folder);
        Assert.False(daemon.Control.StartsWith(folder, StringComparison.Ordinal));
        (await daemon.RunAsync("status", "--daemon")).Expect(0, "daemon");
    }

    [Fact]
    public async Task A_read_only_daemon_says_so_and_answers_nobody()
    {
        await using CliDaemon daemon = await CliDaemon.StartAsync(more: "--read-only");
        JsonElement status = (await daemon.RunAsync("status")).Expect(0, "daemon");
        Assert.True(status.GetProperty("nodes")[0].GetProperty("readOnly").GetBoolean());
        (await CliProgram.RunAsync("ping", daemon.Endpoint, "--timeout", "1", "--json")).Expect(3, "ephemeral", "no-answer");
    }

    [Fact]
    public async Task Without_a_daemon_daemon_and_status_exit_with_3()
    {
        using var files = new Files();
        foreach (string[] command in (string[][])[["status"], ["ping", "127.0.0.1:9", "--daemon"], ["doctor", "--daemon"]])
        {
            (await CliProgram.RunAsync([.. command, "--data", files.Path("none"), "--json"])).Expect(3, "ephemeral", "no-daemon");
        }

        Assert.False(Directory.Exists(files.Path("none")));
    }

    [Fact]
    public async Task The_control_socket_takes_one_request_a_line_and_says_what_it_does_not_know()
    {
        await using CliDaemon daemon = await CliDaemon.StartAsync();
        string[] requests =
        [
            """{"op":"status"}""",
            """{"op":"no-such"}""",
            "rubbish",
            """{"op":"get","target":"zz"}""",
            """{"op":"put","value":"!"}""",
            """{"op":"ping","endpoint":"127.0.0.1"}""",
            """{"op":"status"}""",
        ];
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Control));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', requests) + "\n"));
        socket.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        string all = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
        JsonElement[] answers = [.. all.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(requests.Length, answers.Length);
        Assert.All(answers, static a => Assert.Equal("end", a.GetProperty("event").GetString()));
        Assert.Equal([true, false, false, false, false, false, true], answers.Select(static a => a.GetProperty("result").GetProperty("ok").GetBoolean()));
        Assert.All(answers[1..6], static a => Assert.Equal("usage", a.GetProperty("result").GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_line_without_end_is_cut_off_and_harms_nobody()
    {
        await using CliDaemon daemon = await CliDaemon.StartAsync();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Control));
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.WriteAsync(new byte[1 << 20]).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        }
        catch (IOException)
        {
            // Closed while we still wrote.
        }

        (await daemon.RunAsync("status", "--daemon")).Expect(0, "daemon");
    }
}
