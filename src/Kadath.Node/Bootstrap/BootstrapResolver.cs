using System.Net;
using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>Resolves the bootstrap hosts off the loop, again and again with backoff, and gives the machine what it finds.</summary>
internal sealed class BootstrapResolver
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Refresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan ResolverPatience = TimeSpan.FromSeconds(10);

    private readonly BootstrapPlan _plan;
    private readonly Action<Endpoint[]> _found;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <param name="plan">What to resolve.</param>
    /// <param name="found">Given all endpoints known so far, each time there are more or others.</param>
    /// <param name="resolve">The resolver; null for the operating system's.</param>
    public BootstrapResolver(BootstrapPlan plan, Action<Endpoint[]> found, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        (_plan, _found, _resolve) = (plan, found, resolve ?? Dns.GetHostAddressesAsync);
    }

    /// <summary>The endpoints that need no resolver.</summary>
    public Endpoint[] Literals => [.. _plan.Hosts.Where(host => host.Literal.IsValid).Select(host => host.Literal)];

    /// <summary>Runs until cancelled; ends at once if there is no name to resolve.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        HostPort[] names = _plan.MayResolve ? [.. _plan.Hosts.Where(host => !host.Literal.IsValid)] : [];
        TimeSpan retry = FirstRetry;
        Endpoint[] known = [];
        while (names.Length > 0)
        {
            (List<Endpoint> endpoints, bool complete) = await ResolveAllAsync(names, cancellation).ConfigureAwait(false);
            if (endpoints.Count > 0 && !endpoints.SequenceEqual(known))
            {
                known = [.. endpoints];
                _found([.. Literals, .. known]);
            }

            await Task.Delay(complete ? Refresh : retry, cancellation).ConfigureAwait(false);
            retry = complete ? FirstRetry : TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, LastRetry.Ticks));
        }
    }

    private async Task<(List<Endpoint> Endpoints, bool Complete)> ResolveAllAsync(HostPort[] names, CancellationToken cancellation)
    {
        List<Endpoint> endpoints = [];
        bool complete = true;
        foreach (HostPort name in names)
        {
            try
            {
                using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                patience.CancelAfter(ResolverPatience);
                // Some resolvers ignore cancellation: waiting for them is what is given up.
                IPAddress[] addresses = await _resolve(name.Host, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
                endpoints.AddRange(addresses.Select(address => SocketAddressCodec.FromIPAddress(address, name.Port)));
            }
            catch (Exception fault) when (fault is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                complete = false;
            }
        }

        return (endpoints, complete && endpoints.Count > 0);
    }
}
