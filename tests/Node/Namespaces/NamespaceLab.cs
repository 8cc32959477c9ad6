using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>
/// A network of its own for tests: Linux network namespaces around one bridge, in which any address can be had, global ones too, and from which
/// nothing leads outside. Removed with whatever it made; what a run that died left behind goes with the next one.
/// </summary>
public sealed class NamespaceLab : IDisposable
{
    private const string Prefix = "kadath-test-";
    private const string Registered = "/run/netns";

    private static int _labs;

    private readonly string _name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _labs)}";
    private readonly List<string> _made = [];
    private readonly Dictionary<string, LabSpace> _spaces = [];
    private readonly string? _missing;

    public NamespaceLab()
    {
        _missing = WhatIsMissing();
        if (_missing is not null)
        {
            return;
        }

        RemoveStale();
        try
        {
            Make("hub");
            Configure("hub", "link add br0 type bridge", "link set br0 up");
        }
        catch (InvalidOperationException refused)
        {
            _missing = $"network namespaces cannot be made here: {refused.Message}";
            Dispose();
        }
    }

    /// <summary>Skips the test where there can be no lab.</summary>
    public void Require() => Assert.SkipWhen(_missing is not null, _missing ?? "");

    /// <summary>The namespace with this name, on the bridge; made at the first call.</summary>
    public LabSpace Space(string name)
    {
        if (!_spaces.TryGetValue(name, out LabSpace? space))
        {
            string port = $"p{_spaces.Count}";
            Make(name);
            Run($"-n {_name}-hub link add {port} type veth peer name eth0 netns {_name}-{name}");
            Configure("hub", $"link set {port} master br0", $"link set {port} up");
            // Without link-local addresses no namespace waits for the detection of duplicates; every address is on the link.
            Configure(
                name, "link set lo up", "link set eth0 addrgenmode none", "link set eth0 up", "route add default dev eth0", "route add ::/0 dev eth0");
            space = new(_name + "-" + name, lines => Configure(name, lines));
            _spaces.Add(name, space);
        }

        return space;
    }

    public void Dispose()
    {
        foreach (LabSpace space in _spaces.Values)
        {
            space.Dispose();
        }

        foreach (string made in _made)
        {
            TryRun($"netns delete {made}", null, out _);
        }

        _spaces.Clear();
        _made.Clear();
    }

    private static string? WhatIsMissing() =>
        !OperatingSystem.IsLinux() ? "network namespaces need Linux"
        : !Environment.IsPrivilegedProcess ? "network namespaces need root"
        : !TryRun("-V", null, out _) ? "network namespaces need iproute2 (apt-get install iproute2)"
        : null;

    private static void RemoveStale()
    {
        foreach (string path in Directory.Exists(Registered) ? Directory.GetFiles(Registered, Prefix + "*") : [])
        {
            string name = Path.GetFileName(path);
            bool named = int.TryParse(name[Prefix.Length..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int owner);
            if (named && !Directory.Exists($"/proc/{owner}"))
            {
                TryRun($"netns delete {name}", null, out _);
            }
        }
    }

    private static void Run(string arguments, string? input = null)
    {
        if (!TryRun(arguments, input, out string output))
        {
            throw new InvalidOperationException($"ip {arguments}: {output.Trim()}");
        }
    }

    private static bool TryRun(string arguments, string? input, out string output)
    {
        ProcessStartInfo start = new("ip", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process ip = Process.Start(start)!;
            ip.StandardInput.Write(input);
            ip.StandardInput.Close();
            Task<string> printed = ip.StandardOutput.ReadToEndAsync();
            output = ip.StandardError.ReadToEnd() + printed.Result;
            ip.WaitForExit();
            return ip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception absent)
        {
            output = absent.Message;
            return false;
        }
    }

    private void Make(string name)
    {
        Run($"netns add {_name}-{name}");
        _made.Add($"{_name}-{name}");
    }

    private void Configure(string name, params string[] lines) => Run($"-n {_name}-{name} -batch -", string.Join('\n', lines) + "\n");
}

/// <summary>One lab for all classes of tests that want it, one after the other: each takes addresses of its own.</summary>
[CollectionDefinition(nameof(NamespaceLab))]
public sealed class NamespaceLabTests : ICollectionFixture<NamespaceLab>;
