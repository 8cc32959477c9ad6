using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Mainline;

/// <summary>What a node has acknowledged survives the sudden death of its process.</summary>
public sealed class CrashTests : IAsyncDisposable
{
    private const int Workers = 16;
    private const int Operations = 1000;
    private static readonly TimeSpan Written = TimeSpan.FromSeconds(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("kadath-crash-").FullName;
    private readonly ConcurrentDictionary<string, string> _items = new();
    private readonly ConcurrentDictionary<string, long> _announces = new();
    private Process? _child;

    [Fact]
    public Task Killed_in_the_middle_of_a_thousand_puts_and_announces_nothing_acknowledged_is_lost() => KillAsync(rounds: 3);

    [Fact]
    [Trait("Category", "Long")]
    public Task Killed_fifty_times_over_nothing_acknowledged_is_lost() => KillAsync(rounds: 50);

    public async ValueTask DisposeAsync()
    {
        if (_child is { HasExited: false } child)
        {
            child.Kill();
            await child.WaitForExitAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task KillAsync(int rounds)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a process is killed by signal here");
        Random random = new(rounds);
        await using MainlineNode neighbour = await MainlineNode.StartAsync(LocalNodes.Options(), LocalNodes.Cancellation);
        (Endpoint endpoint, string id) = await StartAsync("Created", neighbour.Endpoints[0].ToString());
        await AssertKnowsAsync(endpoint, neighbour);
        await Task.Delay(TimeSpan.FromSeconds(2.5), LocalNodes.Cancellation);
        for (int round = 0; round < rounds; round++)
        {
            long killedAt = await LoadAndKillAsync(endpoint, round, random.Next(Operations / 4, 3 * Operations / 4));
            (Endpoint next, string nextId) = await StartAsync("Recovered");
            Assert.Equal((endpoint, id), (next, nextId));
            await VerifyAsync(endpoint, round, killedAt);
            if (round == 0 || round == rounds - 1)
            {
                await AssertKnowsAsync(endpoint, neighbour);
            }
        }

        await VerifyAsync(endpoint, round: null, long.MaxValue);
    }

    private static long Now => Stopwatch.GetTimestamp();

    private async Task<(Endpoint Endpoint, string Id)> StartAsync(string expectedState, params string[] bootstrap)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])[CrashNode.Command, _folder, .. bootstrap])
        {
            start.ArgumentList.Add(argument);
        }

        _child = Process.Start(start)!;
        string line = await _child.StandardOutput.ReadLineAsync(LocalNodes.Cancellation) ?? "the child ended";
        string[] words = line.Split(' ');
        Assert.True(words is ["ready", _, _, "Durable", _] && words[4] == expectedState, line);
        Assert.True(Endpoint.TryParse(words[1], out Endpoint endpoint));
        return (endpoint, words[2]);
    }

    private async Task<long> LoadAndKillAsync(Endpoint to, int round, int killAfter)
    {
        int acknowledged = 0, next = 0;
        Task[] workers = [.. Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            using RawClient client = new();
            int number;
            while ((number = Interlocked.Increment(ref next)) <= Operations)
            {
                try
                {
                    await OneAsync(client, to, round, number);
                    Interlocked.Increment(ref acknowledged);
                }
                catch (Exception fault) when (fault is OperationCanceledException or System.Net.Sockets.SocketException)
                {
                    // The node is dead: what it did not acknowledge may be lost.
                    return;
                }

                // Paced, so that some announces are older than a second when the end comes, and others are not.
                await Task.Delay(20);
            }
        }))];
        while (Volatile.Read(ref acknowledged) < killAfter && !_child!.HasExited)
        {
            await Task.Delay(1);
        }

        long killedAt = Now;
        _child!.Kill();
        await _child.WaitForExitAsync();
        Assert.InRange(acknowledged, killAfter, Operations - 1);
        await Task.WhenAll(workers);
        return killedAt;
    }

    private async Task OneAsync(RawClient client, Endpoint to, int round, int number)
    {
        TimeSpan patience = TimeSpan.FromSeconds(1);
        string name = string.Create(CultureInfo.InvariantCulture, $"r{round:00}n{number:0000}");
        if (number % 2 == 0)
        {
            string value = $"8:{name}";
            string target = TargetOf(value);
            string token = RawClient.Field(await client.AskAsync(to, "get", $"6:target20:{target}", patience), "token")!;
            string reply = await client.AskAsync(to, "put", $"3:seqi0e5:token{token.Length}:{token}1:v{value}", patience);
            if (reply.Contains("1:y1:r", StringComparison.Ordinal))
            {
                _items[value] = name;
            }

            return;
        }

        string hash = InfoHashOf(name);
        string permit = RawClient.Field(await client.AskAsync(to, "get_peers", $"9:info_hash20:{hash}", patience), "token")!;
        string answer = await client.AskAsync(to, "announce_peer", $"9:info_hash20:{hash}4:porti{1000 + number}e5:token{permit.Length}:{permit}", patience);
        if (answer.Contains("1:y1:r", StringComparison.Ordinal))
        {
            _announces[name] = Now;
        }
    }

    private static string TargetOf(string value) => Encoding.Latin1.GetString(SHA1.HashData(Encoding.ASCII.GetBytes(value)));

    private static string InfoHashOf(string name) => $"{name}-infohash-xx";

    private async Task VerifyAsync(Endpoint to, int? round, long killedAt)
    {
        string prefix = round is { } one ? string.Create(CultureInfo.InvariantCulture, $"r{one:00}") : "r";
        long oldest = killedAt == long.MaxValue ? long.MaxValue : killedAt - (long)(Written.TotalSeconds * Stopwatch.Frequency);
        string[] items = [.. _items.Where(item => item.Value.StartsWith(prefix, StringComparison.Ordinal)).Select(item => item.Key)];
        string[] announces = [.. _announces
            .Where(announce => announce.Key.StartsWith(prefix, StringComparison.Ordinal) && announce.Value < oldest).Select(announce => announce.Key)];
        Assert.NotEmpty(items);
        ConcurrentBag<string> lost = [];
        await Parallel.ForEachAsync(items.Concat(announces).Chunk(64), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (names, _) =>
        {
            using RawClient client = new();
            foreach (string name in names)
            {
                if (!await HasAsync(client, to, name))
                {
                    lost.Add(name);
                }
            }
        });
        Assert.True(lost.IsEmpty, $"lost in round {round}: {string.Join(' ', lost.Order().Take(10))} of {items.Length} items and {announces.Length} announces");
        if (round is not null)
        {
            // What was younger than a second may be lost: the final look asks only for what must be there.
            foreach ((string name, long at) in _announces.Where(announce => announce.Key.StartsWith(prefix, StringComparison.Ordinal) && announce.Value >= oldest))
            {
                _announces.TryRemove(name, out _);
            }
        }
    }

    private static async Task<bool> HasAsync(RawClient client, Endpoint to, string name)
    {
        if (name.StartsWith("8:", StringComparison.Ordinal))
        {
            return (await client.AskAsync(to, "get", $"6:target20:{TargetOf(name)}")).Contains($"1:v{name}", StringComparison.Ordinal);
        }

        return (await client.AskAsync(to, "get_peers", $"9:info_hash20:{InfoHashOf(name)}")).Contains("6:valuesl6:\x7f\0\0\x01", StringComparison.Ordinal);
    }

    private static async Task AssertKnowsAsync(Endpoint to, MainlineNode neighbour)
    {
        byte[] compact = new byte[6];
        neighbour.Endpoints[0].WriteCompact(compact);
        using RawClient client = new();
        bool known = await LocalNodes.EventuallyAsync(async () =>
            (await client.AskAsync(to, "find_node", "6:target20:rawclientrawclientra")).Contains(Encoding.Latin1.GetString(compact), StringComparison.Ordinal));
        Assert.True(known, "the table was not used again");
    }
}
