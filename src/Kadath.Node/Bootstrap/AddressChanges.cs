using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Kadath.Node;

/// <summary>
/// Tells at once, and often several times, that addresses of this machine came or went: until disposed. What .NET tells of on Linux leaves
/// IPv6 addresses out; there the kernel's own messages are heard too (rtnetlink(7)).
/// </summary>
internal sealed class AddressChanges : IDisposable
{
    private readonly Action _changed;
    private readonly Socket? _netlink;

    /// <summary>Begins to listen.</summary>
    /// <param name="changed">Called on threads of the pool or of the system.</param>
    public AddressChanges(Action changed)
    {
        _changed = changed;
        NetworkChange.NetworkAddressChanged += OnChanged;
        _netlink = OperatingSystem.IsLinux() && LinuxBatchPump.IsSupported ? LinuxNative.OpenAddressMessages() : null;
        if (_netlink is not null)
        {
            _ = ListenAsync(_netlink);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnChanged;
        _netlink?.Dispose();
    }

    private void OnChanged(object? sender, EventArgs e) => _changed();

    private async Task ListenAsync(Socket netlink)
    {
        // What exactly has changed is of no interest here.
        byte[] message = new byte[4096];
        while (true)
        {
            try
            {
                await netlink.ReceiveAsync(message).ConfigureAwait(false);
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                // So many changes that some were lost: told all the same.
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                return;
            }

            _changed();
        }
    }
}
