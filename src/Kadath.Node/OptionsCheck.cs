using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>Validates options, with one line that says what is wrong and one that says what to do.</summary>
internal static class OptionsCheck
{
    public static void Validate(NodeLoopOptions options)
    {
        InRange(options.ReceiveBufferBytes, 4096, 1 << 30, "the receive buffer", "bytes");
        InRange(options.CommandCapacity, 16, 1_000_000, "the command capacity", "commands");
        if (options.Pump == UdpPumpKind.Batch && !(OperatingSystem.IsLinux() && LinuxBatchPump.IsSupported))
        {
            throw new KadathOptionsException("batched UDP needs 64-bit Linux", "leave the pump at Auto");
        }
    }

    public static void Validate(MainlineNodeOptions options)
    {
        if (options.Bind.Count + options.SharedSockets.Count is 0 or > 64)
        {
            throw new KadathOptionsException($"a node needs 1 to 64 sockets, not {options.Bind.Count}", "bind at least one address, such as 0.0.0.0:6881");
        }

        foreach (Endpoint endpoint in options.Bind)
        {
            if (!endpoint.IsValid)
            {
                throw new KadathOptionsException("an endpoint to bind is empty", "write it as ADDRESS:PORT, such as 0.0.0.0:6881 or [::]:6881");
            }
        }

        InRange(options.Network.MaxAnnounces, 1, 10_000_000, "the bound on announces", "announces");
        InRange(options.Network.MaxItems, 1, 1_000_000, "the bound on items", "items");
        InRange(options.Network.Paths, 1, 8, "the number of disjoint paths", "paths");
        if (!options.Network.TokenSecret.IsEmpty)
        {
            InRange(options.Network.TokenSecret.Length, 32, 1024, "the secret of write tokens", "bytes");
        }

        InRange(options.PutPatience.TotalMilliseconds, 10, 2000, "the put patience", "milliseconds");
        InRange(options.CheckpointInterval.TotalSeconds, 1, 86_400, "the checkpoint interval", "seconds");
        foreach (string bootstrap in options.Bootstrap ?? [])
        {
            if (!HostPort.TryParse(bootstrap, out _))
            {
                throw new KadathOptionsException($"'{bootstrap}' is no HOST:PORT", "write it as router.example.org:6881, 192.0.2.1:6881 or [2001:db8::1]:6881");
            }
        }
    }

    private static void InRange(double value, double low, double high, string what, string unit)
    {
        if (!(value >= low && value <= high))
        {
            throw new KadathOptionsException($"{what} is {value:0.###} {unit}", $"choose {low:0.###} to {high:0.###} {unit}");
        }
    }
}
