using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>A foreign peer that is driven with JSON lines; the commands that all of them share.</summary>
internal abstract class JsonPeer(string name, IPEndPoint endpoint, ForeignProcess process) : ForeignPeer(name, endpoint)
{
    /// <inheritdoc/>
    public override ForeignProcess Process { get; } = process;

    /// <inheritdoc/>
    public override async Task MeetAsync(IPEndPoint node) => await Process.CallAsync("add_node", new JsonObject { ["addr"] = node.ToString() });

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<IPEndPoint>> GetPeersAsync(string infoHash)
    {
        JsonElement found = await Process.CallAsync("get_peers", new JsonObject { ["infohash"] = infoHash });
        return [.. found.GetProperty("peers").EnumerateArray().Select(peer => IPEndPoint.Parse(peer.GetString()!))];
    }

    /// <inheritdoc/>
    public override async Task<int> AnnounceAsync(string infoHash, int port)
    {
        await Process.CallAsync("announce", new JsonObject { ["infohash"] = infoHash, ["port"] = port });
        return port;
    }

    /// <inheritdoc/>
    public override async Task<ForeignPut> PutImmutableAsync(string text) => Put(await Process.CallAsync("put_immutable", new JsonObject { ["v"] = text }));

    /// <inheritdoc/>
    public override async Task<ForeignPut> PutMutableAsync(MutableValue value)
    {
        JsonObject arguments = new() { ["seed"] = Convert.ToHexStringLower(value.Seed), ["v"] = value.Text, ["seq"] = value.Sequence };
        if (value.Salt is not null)
        {
            arguments["salt"] = value.Salt;
        }

        if (value.Cas is not null)
        {
            arguments["cas"] = value.Cas;
        }

        return Put(await Process.CallAsync("put_mutable", arguments));
    }

    /// <inheritdoc/>
    public override async Task<ForeignItem?> GetImmutableAsync(string target) =>
        Item(await Process.CallAsync("get", new JsonObject { ["target"] = target }));

    /// <inheritdoc/>
    public override async Task<ForeignItem?> GetMutableAsync(string target, string publicKey, string? salt)
    {
        JsonObject arguments = new() { ["target"] = target };
        if (salt is not null)
        {
            arguments["salt"] = salt;
        }

        return Item(await Process.CallAsync("get", arguments));
    }

    /// <summary>Reads what a get returned.</summary>
    protected static ForeignItem? Item(JsonElement found) => found.ValueKind != JsonValueKind.Object
        ? null
        : new ForeignItem(
            found.GetProperty("v").GetString()!,
            found.TryGetProperty("seq", out JsonElement sequence) && sequence.ValueKind == JsonValueKind.Number ? sequence.GetInt64() : null);

    /// <summary>Reads what a put returned.</summary>
    protected static ForeignPut Put(JsonElement done) => new(
        done.TryGetProperty("target", out JsonElement target) ? target.GetString() : null, done.GetProperty("stored").GetInt32());
}
