using Kadath.Kademlia.Storage;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Microsoft.Extensions.Logging;

namespace Kadath;

/// <summary>Options of <c>AddKadath</c>, as a program or its configuration sets them.</summary>
public sealed class KadathOptions
{
    /// <summary>Addresses to listen on, as ADDRESS:PORT; empty for every IPv4 and IPv6 address on <see cref="Port"/>.</summary>
    public IList<string> Bind { get; } = [];

    /// <summary>The UDP port where <see cref="Bind"/> is empty; 0 takes a free one and keeps it over restarts where there is a data folder.</summary>
    public int Port { get; set; }

    /// <summary>Where to begin, as HOST:PORT, instead of the public routers; empty for those.</summary>
    public IList<string> Bootstrap { get; } = [];

    /// <summary>Ask nobody at the start: the node waits to be found, or to be told of nodes.</summary>
    public bool NoBootstrap { get; set; }

    /// <summary>The folder for everything that shall outlive a restart; null keeps all in memory.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Send <c>ro</c> in queries and answer none (BEP 43).</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Announces kept at most.</summary>
    public int MaxAnnounces { get; set; } = new MainlineOptions().MaxAnnounces;

    /// <summary>Items kept at most.</summary>
    public int MaxItems { get; set; } = new MainlineOptions().MaxItems;

    /// <summary>The options of the node. Throws <see cref="KadathOptionsException"/> for what cannot be understood.</summary>
    public MainlineNodeOptions ToNodeOptions(ILogger? logger = null)
    {
        Func<IRecordStore>? store = DataFolder is { Length: > 0 } folder ? KadathData.Store(folder) : null;
        MainlineNodeOptions options = new()
        {
            Bootstrap = NoBootstrap ? [] : Bootstrap.Count == 0 ? null : [.. Bootstrap],
            OpenStore = store,
            Network = new() { ReadOnly = ReadOnly, MaxAnnounces = MaxAnnounces, MaxItems = MaxItems },
            Logger = logger,
        };
        return options with { Bind = Bind.Count > 0 ? [.. Bind.Select(Parse)] : [.. options.Bind.Select(WithPort)] };
    }

    private static Endpoint Parse(string text) => Endpoint.TryParse(text, out Endpoint endpoint)
        ? endpoint
        : throw new KadathOptionsException($"'{text}' is no ADDRESS:PORT", "write it as 0.0.0.0:6881 or [::]:6881");

    private Endpoint WithPort(Endpoint endpoint) => Port is >= 0 and <= 65535
        ? endpoint.WithPort((ushort)Port)
        : throw new KadathOptionsException($"{Port} is no port", "choose 0 to 65535; 0 takes a free one");
}
