using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>One namespace of a <see cref="NamespaceLab"/>: addresses, sockets of the test's own, and a process that hosts nodes.</summary>
public sealed class LabSpace : IDisposable
{
    private const int NewNetwork = 0x4000_0000; // CLONE_NEWNET

    private readonly Action<string[]> _configure;
    private readonly HashSet<IPAddress> _addresses = [];
    private NodeHost? _host;

    internal LabSpace(string name, Action<string[]> configure) => (Name, _configure) = (name, configure);

    /// <summary>The name that iproute2 knows.</summary>
    public string Name { get; }

    /// <summary>The process that hosts nodes here; started with the first call.</summary>
    internal NodeHost Host => _host ??= NodeHost.Start(Name);

    /// <summary>Gives the namespace's interface these addresses.</summary>
    public void Add(params IEnumerable<string> addresses)
    {
        string[] lines = [.. addresses.Select(IPAddress.Parse).Where(address => !IPAddress.IsLoopback(address) && _addresses.Add(address)).Select(Line)];
        if (lines.Length > 0)
        {
            _configure(lines);
        }

        static string Line(IPAddress address) =>
            address.AddressFamily == AddressFamily.InterNetworkV6 ? $"addr add {address}/128 dev eth0 nodad" : $"addr add {address}/32 dev eth0";
    }

    /// <summary>
    /// Gives the namespace's interface these addresses and takes away those of the same families that tests before left: which of several
    /// addresses the kernel sends from depends on the order in which they came, and the order of tests is nobody's promise.
    /// </summary>
    public void Use(params IEnumerable<string> addresses)
    {
        HashSet<IPAddress> wanted = [.. addresses.Select(IPAddress.Parse)];
        // First the new ones: with its last address an interface would lose its routes.
        Add(wanted.Select(address => address.ToString()));
        foreach (IPAddress stale in _addresses.Where(address => !wanted.Contains(address) && wanted.Any(kept => kept.AddressFamily == address.AddressFamily)).ToArray())
        {
            Remove(stale.ToString());
        }
    }

    /// <summary>Takes an address away again.</summary>
    public void Remove(string address)
    {
        _addresses.Remove(IPAddress.Parse(address));
        _configure([$"addr del {address}/{(address.Contains(':', StringComparison.Ordinal) ? 128 : 32)} dev eth0"]);
    }

    /// <summary>Binds UDP sockets here, on free ports where the port is 0; they stay usable from everywhere in the process.</summary>
    public Socket[] Bind(params IEnumerable<IPEndPoint> endpoints)
    {
        Socket[] sockets = [];
        Inside(() => sockets = [.. endpoints.Select(BindOne)]);
        return sockets;
    }

    /// <summary>A counter of an interface: packets that left it.</summary>
    public long PacketsSent(string device)
    {
        string counters = "";
        Inside(() => counters = File.ReadAllText("/proc/thread-self/net/dev"));
        string line = counters.Split('\n').Single(line => line.TrimStart().StartsWith(device + ":", StringComparison.Ordinal));
        string[] fields = line.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[9], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => _host?.Dispose();

    private static Socket BindOne(IPEndPoint endpoint)
    {
        Socket socket = new(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = false;
        }

        socket.Bind(endpoint);
        if (endpoint.Address.AddressFamily == AddressFamily.InterNetwork && endpoint.Address.GetAddressBytes()[0] is >= 224 and <= 239)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(endpoint.Address));
        }

        return socket;
    }

    // A thread that enters a namespace does not come back: it is one of ours, never one of the pool's, and starts none.
    private void Inside(Action action)
    {
        Exception? fault = null;
        Thread thread = new(() =>
        {
            try
            {
                using SafeFileHandle handle = File.OpenHandle($"/run/netns/{Name}");
                if (SetNamespace((int)handle.DangerousGetHandle(), NewNetwork) != 0)
                {
                    throw new InvalidOperationException($"setns {Name}: error {Marshal.GetLastPInvokeError()}");
                }

                action();
            }
            catch (Exception thrown)
            {
                fault = thrown;
            }
        });
        thread.Start();
        thread.Join();
        if (fault is not null)
        {
            throw new InvalidOperationException(fault.Message, fault);
        }
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int descriptor, int kind);
}
