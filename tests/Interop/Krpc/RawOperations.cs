using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Kadath.Tests.Interop.Krpc;

/// <summary>The operations of the network, one query at a time, as a test asks or prepares a node with them.</summary>
internal static class RawOperations
{
    /// <summary>Stores a peer (the raw node's address, with a port) at a node; throws if it is refused.</summary>
    public static async Task AnnounceAsync(this RawNode raw, IPEndPoint node, string infoHash, int port, bool seed = false)
    {
        byte[] hash = Convert.FromHexString(infoHash);
        byte[] token = await raw.TokenAsync(node, "get_peers", new BencodeMap { ["info_hash"] = hash });
        BencodeMap announce = new() { ["info_hash"] = hash, ["port"] = port, ["token"] = token, ["implied_port"] = 0 };
        if (seed)
        {
            announce["seed"] = 1;
        }

        Accepted(await raw.AskAsync(node, "announce_peer", announce));
    }

    /// <summary>The peers that a node returns for a torrent.</summary>
    public static async Task<IReadOnlyList<IPEndPoint>> PeersAsync(this RawNode raw, IPEndPoint node, string infoHash)
    {
        RawReply? reply = await raw.AskAsync(node, "get_peers", new BencodeMap { ["info_hash"] = Convert.FromHexString(infoHash) });
        return [.. (reply?.Values?.List("values") ?? []).OfType<byte[]>().Select(Compact)];
    }

    /// <summary>Stores an immutable byte string; returns its target in hex.</summary>
    public static async Task<string> PutImmutableAsync(this RawNode raw, IPEndPoint node, string text)
    {
        byte[] target = SHA1.HashData(Bencode.Encode(text));
        byte[] token = await raw.TokenAsync(node, "get", new BencodeMap { ["target"] = target });
        Accepted(await raw.AskAsync(node, "put", new BencodeMap { ["v"] = text, ["token"] = token }));
        return Convert.ToHexStringLower(target);
    }

    /// <summary>Stores a mutable item; the reply tells whether it was taken.</summary>
    public static async Task<RawReply?> PutMutableAsync(this RawNode raw, IPEndPoint node, BencodeMap item)
    {
        string target = TargetOf(item.Bytes("k")!, item.TryGetValue("salt", out object? salt) ? (string)salt : null);
        byte[] bytes = Convert.FromHexString(target);
        BencodeMap put = new() { ["target"] = bytes, ["token"] = await raw.TokenAsync(node, "get", new BencodeMap { ["target"] = bytes }) };
        foreach ((string key, object value) in item)
        {
            put[key] = value;
        }

        return await raw.AskAsync(node, "put", put);
    }

    /// <summary>The reply of a node to a get.</summary>
    public static Task<RawReply?> GetAsync(this RawNode raw, IPEndPoint node, string target) =>
        raw.AskAsync(node, "get", new BencodeMap { ["target"] = Convert.FromHexString(target) });

    /// <summary>A write token for a key; throws if the node gives none.</summary>
    public static async Task<byte[]> TokenAsync(this RawNode raw, IPEndPoint node, string method, BencodeMap arguments) =>
        (await raw.AskAsync(node, method, arguments))?.Values?.Bytes("token") ?? throw new InvalidOperationException($"no token from {node}");

    /// <summary>A random key in hex.</summary>
    public static string RandomKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    /// <summary>The target of an immutable byte string, in hex.</summary>
    public static string TargetOf(string text) => Convert.ToHexStringLower(SHA1.HashData(Bencode.Encode(text)));

    /// <summary>The target of a mutable item, in hex.</summary>
    public static string TargetOf(byte[] publicKey, string? salt) =>
        Convert.ToHexStringLower(SHA1.HashData([.. publicKey, .. Encoding.UTF8.GetBytes(salt ?? "")]));

    private static IPEndPoint Compact(byte[] peer) =>
        new(new IPAddress(peer.AsSpan(0, peer.Length - 2)), BinaryPrimitives.ReadUInt16BigEndian(peer.AsSpan(peer.Length - 2)));

    private static void Accepted(RawReply? reply)
    {
        if (reply?.Values is null)
        {
            throw new InvalidOperationException(reply is null ? "no reply" : $"refused with error {reply.ErrorCode}");
        }
    }
}
