using System.Net.Sockets;
using Kadath.Kademlia.Storage;
using Kadath.Mainline;
using Kadath.Primitives;
using Microsoft.Extensions.Logging;

namespace Kadath.Node;

/// <summary>How a Mainline node is set up. Everything has a default that fits a long-lived node on the Internet.</summary>
public sealed record MainlineNodeOptions
{
    /// <summary>The addresses to listen on; port 0 takes a free one, and keeps it over restarts where there is a store. Default: every IPv4 and IPv6 address, a free port.</summary>
    public IReadOnlyList<Endpoint> Bind { get; init; } = Socket.OSSupportsIPv6 ? [Endpoint.V4(0, 0), Endpoint.V6(0, 0, 0)] : [Endpoint.V4(0, 0)];

    /// <summary>
    /// Where to begin, as HOST:PORT. Null: the public routers known to live. A list replaces them, an empty one means none. Sockets that are
    /// all loopback or link-local have no routers and resolve no name.
    /// </summary>
    public IReadOnlyList<string>? Bootstrap { get; init; }

    /// <summary>Opens the store in which the node keeps identity, contacts, announces and items; called off the loop, again after a fault. Null: memory only.</summary>
    public Func<IRecordStore>? OpenStore { get; init; }

    /// <summary>The network's own options.</summary>
    public MainlineOptions Network { get; init; } = new();

    /// <summary>The loop that shall carry the node; null makes one for it alone, which ends with the node.</summary>
    public NodeLoop? Loop { get; init; }

    /// <summary>Options of the loop that is made where <see cref="Loop"/> is null.</summary>
    public NodeLoopOptions LoopOptions { get; init; } = new();

    /// <summary>Sockets that another protocol owns and shares with this node (uTP); see <see cref="MainlineNode.TryHandle"/>.</summary>
    public IReadOnlyList<SharedSocket> SharedSockets { get; init; } = [];

    /// <summary>Force every batch of the store to the medium before its puts are acknowledged: survives a power cut, at the price of an fsync a batch.</summary>
    public bool FlushEveryBatch { get; init; }

    /// <summary>How long the reply to a put waits for the store; then the peer gets error 202. From 10 ms to 2 s.</summary>
    public TimeSpan PutPatience { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Where the node logs; null for nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>How often identity, contacts and external address are saved. From 1 s to 1 day.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A UDP socket that another protocol reads and that this node may write to.</summary>
/// <param name="Local">The bound address and port of the socket.</param>
/// <param name="Send">Sends a datagram. Called on a pool thread, never on the loop; the memory is valid only during the call.</param>
public sealed record SharedSocket(Endpoint Local, Action<ReadOnlyMemory<byte>, Endpoint> Send);

/// <summary>A configuration that cannot work. <see cref="Exception.Message"/> is one line: what is wrong; <see cref="Hint"/> says what to do.</summary>
public sealed class KadathOptionsException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KadathOptionsException(string message, string hint)
        : base(message)
    {
        Hint = hint;
    }

    /// <summary>What to do about it, in one line.</summary>
    public string Hint { get; }
}

/// <summary>A socket that could not be bound.</summary>
public sealed class BindException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BindException(Endpoint endpoint, string reason, string hint, Exception? inner = null)
        : base($"cannot bind {endpoint}: {reason}", inner)
    {
        Endpoint = endpoint;
        Hint = hint;
    }

    /// <summary>What was to be bound.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>What to do about it, in one line.</summary>
    public string Hint { get; }
}
