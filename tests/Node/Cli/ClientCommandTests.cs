using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Kadath.Tests.Node.Cli;

/// <summary>The contract for scripts, command by command, by the daemon and by a node of the command's own.</summary>
public sealed class ClientCommandTests(CliNetwork network) : IClassFixture<CliNetwork>
{
    private const string Common = "ok via elapsedMs";
    private static int _hashes;

    private string[] Own => ["--bootstrap", network.First.Endpoint, "--json"];

    private static string NewHash() => Convert.ToHexStringLower(Encoding.ASCII.GetBytes($"info-hash no {Interlocked.Increment(ref _hashes),7}"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ping_tells_id_version_and_how_we_are_seen(bool daemon)
    {
        CliRun run = daemon ? await network.Second.RunAsync("ping", network.First.Endpoint) : await CliProgram.RunAsync("ping", network.First.Endpoint, "--json");
        JsonElement json = run.Expect(0, daemon ? "daemon" : "ephemeral");
        Assert.Equal($"endpoint id version rttMs externalEndpoint {Common}", CliRun.Members(json));
        Assert.Equal(network.First.Endpoint, json.GetProperty("endpoint").GetString());
        Assert.Equal(network.First.Ready.GetProperty("ids")[0].GetString(), json.GetProperty("id").GetString());
        Assert.InRange(json.GetProperty("rttMs").GetDouble(), 0, 5000);
        string external = json.GetProperty("externalEndpoint").GetString()!;
        Assert.StartsWith("127.0.0.1:", external, StringComparison.Ordinal);
        Assert.Equal(daemon, external == network.Second.Endpoint);
    }

    [Fact]
    public async Task Ping_of_nobody_exits_with_3()
    {
        JsonElement json = (await CliProgram.RunAsync("ping", "127.0.0.1:9", "--timeout", "1", "--json")).Expect(3, "ephemeral", "no-answer");
        Assert.Equal("127.0.0.1:9", json.GetProperty("endpoint").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Find_node_lists_the_closest_first(bool daemon)
    {
        string id = network.First.Ready.GetProperty("ids")[0].GetString()!;
        CliRun run = daemon ? await network.Second.RunAsync("find-node", id) : await CliProgram.RunAsync(["find-node", id.ToUpperInvariant(), .. Own]);
        JsonElement json = run.Expect(0, daemon ? "daemon" : "ephemeral");
        Assert.Equal($"target nodes hops messages {Common}", CliRun.Members(json));
        Assert.Equal(id, json.GetProperty("target").GetString());
        JsonElement node = json.GetProperty("nodes")[0];
        Assert.Equal("id endpoint rttMs", CliRun.Members(node));
        Assert.Equal((id, network.First.Endpoint), (node.GetProperty("id").GetString(), node.GetProperty("endpoint").GetString()));
        Assert.True(json.GetProperty("messages").GetInt32() > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_announced_is_found_scraped_and_sampled(bool daemon)
    {
        string hash = NewHash();
        CliRun announced = daemon
            ? await network.Second.RunAsync("announce", hash, "--seed")
            : await CliProgram.RunAsync(["announce", hash, "--port", "7001", .. Own]);
        JsonElement json = announced.Expect(0, daemon ? "daemon" : "ephemeral");
        Assert.Equal($"infoHash port accepted nodes {Common}", CliRun.Members(json));
        Assert.True(json.GetProperty("accepted").GetInt32() > 0);
        Assert.Equal("id endpoint outcome code message", CliRun.Members(json.GetProperty("nodes")[0]));
        Assert.Contains(json.GetProperty("nodes").EnumerateArray(), static n => n.GetProperty("outcome").GetString() == "stored");

        string peer = daemon ? network.Second.Endpoint : "127.0.0.1:7001";
        json = (await CliProgram.RunAsync(["peers", $"magnet:?xt=urn:btih:{hash}", .. Own])).Expect(0, "ephemeral");
        Assert.Equal($"infoHash peers answered {Common}", CliRun.Members(json));
        Assert.Equal(hash, json.GetProperty("infoHash").GetString());
        Assert.Equal(peer, Assert.Single(json.GetProperty("peers").EnumerateArray()).GetString());

        json = (await CliProgram.RunAsync(["scrape", hash, .. Own])).Expect(0, "ephemeral");
        Assert.Equal($"infoHash seeds peers answered {Common}", CliRun.Members(json));
        Assert.Equal(daemon ? (1, 0) : (0, 1), (json.GetProperty("seeds").GetInt64(), json.GetProperty("peers").GetInt64()));

        json = (await CliProgram.RunAsync("sample", network.First.Endpoint, "--json")).Expect(0, "ephemeral");
        Assert.Equal($"endpoint samples num intervalSeconds {Common}", CliRun.Members(json));
        Assert.True(json.GetProperty("num").GetInt64() > 0);
        Assert.True(json.GetProperty("samples").GetArrayLength() > 0);
    }

    [Fact]
    public async Task A_stream_of_peers_prints_one_object_a_line()
    {
        string hash = NewHash();
        (await CliProgram.RunAsync(["announce", hash, "--port", "7002", .. Own])).Expect(0, "ephemeral");
        CliRun run = await network.Second.RunAsync("peers", hash, "--stream");
        run.Expect(0, "daemon");
        Assert.Equal(2, run.Lines.Count);
        Assert.Equal("peers", run.Lines[0].GetProperty("event").GetString());
        Assert.All(run.Lines, line => Assert.Equal("127.0.0.1:7002", line.GetProperty("peers")[0].GetString()));
    }

    [Fact]
    public async Task Nothing_found_exits_with_1()
    {
        Assert.Equal(0, (await CliProgram.RunAsync(["peers", NewHash(), .. Own])).Expect(1, "ephemeral", "not-found").GetProperty("peers").GetArrayLength());
        (await CliProgram.RunAsync(["scrape", NewHash(), .. Own])).Expect(1, "ephemeral", "not-found");
        (await network.Second.RunAsync("get", NewHash())).Expect(1, "daemon", "not-found");
    }

    [Fact]
    public async Task Nobody_there_exits_with_3()
    {
        foreach (string[] command in (string[][])[["peers", NewHash()], ["find-node", NewHash()], ["get", NewHash()], ["put", "x"], ["scrape", NewHash()], ["announce", NewHash(), "--port", "1"]])
        {
            (await CliProgram.RunAsync([.. command, "--bootstrap", "127.0.0.1:9", "--timeout", "500ms", "--json"])).Expect(3, "ephemeral", "no-answer");
        }
    }

    [Fact]
    public async Task An_announce_by_a_node_that_ends_needs_a_port() =>
        (await CliProgram.RunAsync(["announce", NewHash(), .. Own])).Expect(2, "ephemeral", "usage");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_value_that_was_put_is_got(bool daemon)
    {
        string value = $"grüße {daemon}";
        CliRun put = daemon ? await network.Second.RunAsync("put", value) : await CliProgram.RunAsync(["put", value, .. Own]);
        JsonElement json = put.Expect(0, daemon ? "daemon" : "ephemeral");
        Assert.Equal($"target kind key salt seq stored nodes {Common}", CliRun.Members(json));
        Assert.Equal("immutable", json.GetProperty("kind").GetString());
        Assert.True(json.GetProperty("stored").GetInt32() > 0);

        string target = json.GetProperty("target").GetString()!;
        json = (await CliProgram.RunAsync(["get", target, .. Own])).Expect(0, "ephemeral");
        Assert.Equal($"target kind text base64 type seq key copies {Common}", CliRun.Members(json));
        Assert.Equal((target, "immutable", value), (json.GetProperty("target").GetString(), json.GetProperty("kind").GetString(), json.GetProperty("text").GetString()));
        Assert.Equal(Encoding.UTF8.GetBytes(value), json.GetProperty("base64").GetBytesFromBase64());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("seq").ValueKind);
        Assert.True(json.GetProperty("copies").GetInt32() > 0);

        CliRun raw = await CliProgram.RunAsync("get", target, "--bootstrap", network.First.Endpoint, "--raw");
        Assert.Equal((0, value), (raw.Exit, raw.Output));
    }

    [Fact]
    public async Task Bytes_and_bencode_come_back_as_they_were()
    {
        byte[] bytes = [0, 0xFF, 0x1B, (byte)'[', 0x80];
        string target = (await CliProgram.RunWithInputAsync(bytes, ["put", "--file", "-", .. Own])).Expect(0, "ephemeral").GetProperty("target").GetString()!;
        JsonElement json = (await network.Second.RunAsync("get", target)).Expect(0, "daemon");
        Assert.False(json.TryGetProperty("text", out _));
        Assert.Equal(bytes, json.GetProperty("base64").GetBytesFromBase64());

        target = (await CliProgram.RunAsync(["put", "d1:ai1e1:bl2:xyee", "--bencode", .. Own])).Expect(0, "ephemeral").GetProperty("target").GetString()!;
        json = (await network.Second.RunAsync("get", target)).Expect(0, "daemon");
        Assert.Equal(("dictionary", "d1:ai1e1:bl2:xyee"), (json.GetProperty("type").GetString(), Encoding.ASCII.GetString(json.GetProperty("base64").GetBytesFromBase64())));
    }

    [Fact]
    public async Task A_mutable_value_counts_its_versions_and_heeds_cas()
    {
        using var files = new Files();
        string key = await KeyAsync(files);
        string[] put = ["--key", files.Path("key"), "--salt", "notes"];
        JsonElement json = (await network.Second.RunAsync(["put", "one", .. put])).Expect(0, "daemon");
        Assert.Equal(("mutable", key, "notes", 1), (json.GetProperty("kind").GetString(), json.GetProperty("key").GetString(), json.GetProperty("salt").GetString(), json.GetProperty("seq").GetInt64()));
        Assert.Equal(2, (await CliProgram.RunAsync(["put", "two", .. put, .. Own])).Expect(0, "ephemeral").GetProperty("seq").GetInt64());

        json = (await CliProgram.RunAsync(["get", key, "--salt", "notes", .. Own])).Expect(0, "ephemeral");
        Assert.Equal(("mutable", "two", 2, key), (json.GetProperty("kind").GetString(), json.GetProperty("text").GetString(), json.GetProperty("seq").GetInt64(), json.GetProperty("key").GetString()));
        (await CliProgram.RunAsync(["get", key, .. Own])).Expect(1, "ephemeral", "not-found");

        json = (await CliProgram.RunAsync(["put", "three", .. put, "--seq", "5", "--cas", "1", .. Own])).Expect(1, "ephemeral", "not-accepted");
        Assert.Contains(json.GetProperty("nodes").EnumerateArray(), static n => n.GetProperty("outcome").GetString() == "refused" && n.GetProperty("code").GetInt32() == 301);
        (await CliProgram.RunAsync(["put", "three", .. put, "--seq", "5", "--cas", "2", .. Own])).Expect(0, "ephemeral");
        json = (await CliProgram.RunAsync(["put", "old", .. put, "--seq", "4", .. Own])).Expect(1, "ephemeral", "not-accepted");
        Assert.Contains(json.GetProperty("nodes").EnumerateArray(), static n => n.GetProperty("code").ValueKind == JsonValueKind.Number && n.GetProperty("code").GetInt32() == 302);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Follow_prints_each_version_and_ends_well_when_interrupted(bool daemon)
    {
        using var files = new Files();
        string key = await KeyAsync(files);
        async Task PutAsync(char digit) => (await network.Second.RunAsync(
            "put", "d2:ih20:" + new string(digit, 20) + "e", "--bencode", "--key", files.Path("key"))).Expect(0, "daemon");
        await PutAsync('1');
        string[] where = daemon ? ["--data", network.Second.Folder, "--json"] : Own;
        using Process follow = CliProgram.Start(["follow", $"magnet:?xs=urn:btpk:{key}", "--interval", "1s", .. where]);
        JsonElement first = JsonDocument.Parse((await follow.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)))!).RootElement;
        Assert.Equal("target", first.EnumerateObject().First().Name);
        Assert.Equal((1, new string('1', 20)), (first.GetProperty("seq").GetInt64(), Ascii(first.GetProperty("infoHash"))));
        await PutAsync('2');
        JsonElement second = JsonDocument.Parse((await follow.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)))!).RootElement;
        Assert.Equal((2, new string('2', 20)), (second.GetProperty("seq").GetInt64(), Ascii(second.GetProperty("infoHash"))));
        CliProgram.Signal(follow, CliProgram.Interrupt);
        await follow.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(0, follow.ExitCode);
    }

    [Fact]
    public async Task Status_tells_what_the_daemon_is_and_does()
    {
        JsonElement json = (await network.Second.RunAsync("status")).Expect(0, "daemon");
        Assert.StartsWith("nodes records queries ", CliRun.Members(json), StringComparison.Ordinal);
        JsonElement node = json.GetProperty("nodes")[0];
        Assert.Equal("network endpoint id externalEndpoint contacts readOnly", CliRun.Members(node));
        Assert.Equal(("mainline", network.Second.Endpoint, false), (node.GetProperty("network").GetString(), node.GetProperty("endpoint").GetString(), node.GetProperty("readOnly").GetBoolean()));
        Assert.True(node.GetProperty("contacts").GetInt32() > 0);
        Assert.Equal("announces items", CliRun.Members(json.GetProperty("records")));
        Assert.Equal("in out dropped", CliRun.Members(json.GetProperty("queries")));
        Assert.Equal("durable", json.GetProperty("store").GetProperty("mode").GetString());
        Assert.Equal(0, json.GetProperty("sentOutsideLoopback").GetInt64());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Doctor_gives_every_check_a_verdict(bool daemon)
    {
        CliRun run = daemon ? await network.Second.RunAsync("doctor") : await CliProgram.RunAsync(["doctor", .. Own]);
        JsonElement json = run.Expect(0, daemon ? "daemon" : "ephemeral");
        Assert.Equal($"verdict checks {Common}", CliRun.Members(json));
        Assert.Equal(["bind", "firewall", "reachability", "bootstrap", "clock", "id", "disk"], json.GetProperty("checks").EnumerateArray().Select(static c => c.GetProperty("name").GetString()));
        Assert.All(json.GetProperty("checks").EnumerateArray(), static c => Assert.Equal("name verdict detail remedy", CliRun.Members(c)));
        Assert.All(json.GetProperty("checks").EnumerateArray(), static c => Assert.Contains(c.GetProperty("verdict").GetString(), (string[])["ok", "warn", "skipped"]));
    }

    [Fact]
    public async Task Doctor_finds_what_is_wrong()
    {
        JsonElement json = (await CliProgram.RunAsync("doctor", "--bootstrap", "127.0.0.1:9", "--timeout", "1", "--json")).Expect(3, "ephemeral", "no-answer");
        Assert.Equal("fail", json.GetProperty("verdict").GetString());
        json = (await CliProgram.RunAsync("doctor", "--ephemeral", "--bind", network.First.Endpoint, "--bootstrap", "none", "--json")).Expect(3, "ephemeral", "bind-failed");
        Assert.Equal("fail", json.GetProperty("checks")[0].GetProperty("verdict").GetString());
        Assert.NotEqual(JsonValueKind.Null, json.GetProperty("checks")[0].GetProperty("remedy").ValueKind);
    }

    [Fact]
    public async Task People_get_tables_and_no_json()
    {
        CliRun run = await CliProgram.RunAsync("find-node", NewHash(), "--bootstrap", network.First.Endpoint);
        Assert.Equal(0, run.Exit);
        Assert.Contains(network.First.Endpoint, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('{', run.Output);
        Assert.Contains("joining the network", run.Error, StringComparison.Ordinal);
    }

    private static string Ascii(JsonElement hash) => Encoding.ASCII.GetString(Convert.FromHexString(hash.GetString()!));

    private static async Task<string> KeyAsync(Files files)
    {
        JsonElement json = (await CliProgram.RunAsync("keygen", files.Path("key"), "--json")).Expect(0, "ephemeral");
        Assert.Equal($"publicKey file {Common}", CliRun.Members(json));
        Assert.Equal(files.Path("key"), json.GetProperty("file").GetString());
        return json.GetProperty("publicKey").GetString()!;
    }
}

/// <summary>Files that live as long as a test.</summary>
internal sealed class Files : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kadath-").FullName;

    public string Path(string name) => System.IO.Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
