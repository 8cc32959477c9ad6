using System.Net.Sockets;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli.Nodes;

/// <summary>The read-only node that a command makes for itself (BEP 43).</summary>
internal static class EphemeralNode
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    /// <summary>Starts it.</summary>
    /// <param name="bind">Addresses given, or null: then the scope of whom it will ask decides.</param>
    /// <param name="bootstrap">Endpoints given, empty for none, or null for the public routers.</param>
    /// <param name="direct">The endpoint that is asked directly, or none.</param>
    /// <param name="cancellationToken">Ends the start early.</param>
    public static Task<MainlineNode> StartAsync(IReadOnlyList<Endpoint>? bind, IReadOnlyList<string>? bootstrap, Endpoint direct, CancellationToken cancellationToken)
    {
        // Whoever is asked directly is all that is needed, and decides the scope of the socket.
        IReadOnlyList<string>? routers = bootstrap ?? (direct.IsValid ? [direct.ToString()] : null);
        var options = new MainlineNodeOptions
        {
            Network = new MainlineOptions { ReadOnly = true },
            Bootstrap = routers,
            Bind = bind ?? LoopbackOf(direct.IsValid ? [direct.ToString(), .. bootstrap ?? []] : routers) ?? (IReadOnlyList<Endpoint>)Everywhere(),
        };
        return MainlineNode.StartAsync(options, cancellationToken);
    }

    /// <summary>Waits until the node knows somebody who answers; false if nobody did in time.</summary>
    public static async Task<bool> WaitForContactAsync(MainlineNode node, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            while (!(await node.GetStatusAsync(timeout.Token)).Sockets.Any(static s => s.Contacts > 0))
            {
                await Task.Delay(Poll, timeout.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Loopback addresses with free ports, of the families asked for, if everybody to be asked is on the loopback; else null.</summary>
    private static List<Endpoint>? LoopbackOf(IReadOnlyList<string>? asked)
    {
        if (asked is not { Count: > 0 })
        {
            return null;
        }

        var bind = new List<Endpoint>();
        foreach (string text in asked)
        {
            bool named = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase);
            Endpoint endpoint = default;
            if (!named && (!Endpoint.TryParse(text, out endpoint) || endpoint.Scope != AddressScope.Loopback))
            {
                return null;
            }

            Endpoint local = endpoint.IsV6 ? Endpoint.V6(0, 1, 0) : Endpoint.V4(0x7F000001, 0);
            if (!bind.Contains(local))
            {
                bind.Add(local);
            }
        }

        return bind;
    }

    private static Endpoint[] Everywhere() => Socket.OSSupportsIPv6 ? [Endpoint.V4(0, 0), Endpoint.V6(0, 0, 0)] : [Endpoint.V4(0, 0)];
}
