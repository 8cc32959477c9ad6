using System.Net.NetworkInformation;

namespace Kadath.Node;

/// <summary>Tells when addresses of this machine come or go; several changes in a moment are told once.</summary>
internal sealed class NetworkWatch : IDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    private readonly Timer _timer;

    public NetworkWatch(Action changed)
    {
        _timer = new(_ => changed(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        NetworkChange.NetworkAddressChanged += OnChanged;
    }

    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnChanged;
        _timer.Dispose();
    }

    private void OnChanged(object? sender, EventArgs e)
    {
        try
        {
            _timer.Change(Settle, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The last event may cross the end of the node.
        }
    }
}
