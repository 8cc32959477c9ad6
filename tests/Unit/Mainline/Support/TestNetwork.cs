using Kadath.Mainline;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Support;

/// <summary>
/// A network in memory with a clock of its own: every datagram takes 10 ms, everything happens in a fixed order. Endpoints without a machine
/// can be played by a test through <see cref="Play"/>.
/// </summary>
internal sealed class TestNetwork
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(10);

    private readonly PriorityQueue<(Endpoint From, Endpoint To, byte[] Datagram), (long At, long Number)> _flying = new();
    private readonly Dictionary<Endpoint, (TestMachine Machine, int Socket)> _machines = [];
    private readonly Dictionary<Endpoint, Action<Endpoint, byte[]>> _played = [];
    private readonly List<TestMachine> _all = [];
    private long _number;

    public Instant Now { get; private set; } = Instant.FromSeconds(1000);

    public IReadOnlyList<TestMachine> Machines => _all;

    /// <summary>Decides what is lost; null loses nothing.</summary>
    public Func<Endpoint, Endpoint, bool>? Loses { get; set; }

    /// <summary>Sees every datagram as it leaves.</summary>
    public Action<Endpoint, Endpoint, byte[]>? Watch { get; set; }

    /// <summary>Adds a machine with one socket; bound to the wildcard address, it does not know its own.</summary>
    public TestMachine Add(string endpoint, MainlineOptions? options = null, Id160? id = null, bool wildcard = false, Action<TestMachine>? restore = null)
    {
        Assert.True(Endpoint.TryParse(endpoint, out Endpoint local));
        TestMachine machine = new(options ?? new(), EntropyTree.FromSeed(1000 + (ulong)_all.Count));
        machine.Effects.OnSend = (socket, datagram, to) => Fly(machine.Endpoints[socket], to, datagram.ToArray());
        _all.Add(machine);
        restore?.Invoke(machine);
        AddSocket(machine, local, id, wildcard);
        return machine;
    }

    public void AddSocket(TestMachine machine, Endpoint local, Id160? id = null, bool wildcard = false)
    {
        machine.Endpoints.Add(local);
        Endpoint bound = !wildcard ? local : local.IsV4 ? Endpoint.V4(0, local.Port) : Endpoint.V6(0, 0, local.Port);
        _machines[local] = (machine, machine.Dht.AddSocket(bound, local.Scope, id, Now));
    }

    /// <summary>Takes a machine off the network: what is sent to it is lost.</summary>
    public void Remove(TestMachine machine)
    {
        _all.Remove(machine);
        machine.Endpoints.ForEach(e => _machines.Remove(e));
    }

    /// <summary>The test plays the peer at an endpoint.</summary>
    public void Play(Endpoint endpoint, Action<Endpoint, byte[]> receive) => _played[endpoint] = receive;

    /// <summary>Sends a datagram as a played peer, after a pause.</summary>
    public void Fly(Endpoint from, Endpoint to, byte[] datagram, TimeSpan pause = default)
    {
        Watch?.Invoke(from, to, datagram);
        if (Loses?.Invoke(from, to) != true)
        {
            _flying.Enqueue((from, to, datagram), ((Now + Latency + pause).Ticks, _number++));
        }
    }

    /// <summary>Lets time pass, until the condition holds or the time is up; returns whether the condition holds.</summary>
    public bool Run(TimeSpan time, Func<bool>? until = null)
    {
        Instant end = Now + time;
        while (until?.Invoke() != true)
        {
            Instant next = _flying.TryPeek(out _, out (long At, long Number) key) ? new(key.At) : Instant.Never;
            foreach (TestMachine machine in _all)
            {
                next = Instant.Min(next, machine.Dht.NextDeadline);
            }

            if (next > end)
            {
                Now = end;
                return until?.Invoke() ?? false;
            }

            Now = Instant.Max(Now, next);
            Step();
        }

        return true;
    }

    private void Step()
    {
        while (_flying.TryPeek(out (Endpoint From, Endpoint To, byte[] Datagram) packet, out (long At, long Number) key) && key.At <= Now.Ticks)
        {
            _flying.Dequeue();
            if (_machines.TryGetValue(packet.To, out (TestMachine Machine, int Socket) target))
            {
                target.Machine.Dht.Receive(target.Socket, packet.Datagram, packet.From, Now);
                target.Machine.Effects.Complete(target.Machine.Dht, Now);
            }
            else if (_played.TryGetValue(packet.To, out Action<Endpoint, byte[]>? play))
            {
                play(packet.From, packet.Datagram);
            }
        }

        foreach (TestMachine machine in _all.ToArray())
        {
            // The end of one piece of work may make another due at once; a machine that is never satisfied would have its driver spin.
            for (int turns = 0; machine.Dht.NextDeadline <= Now; turns++)
            {
                Assert.True(turns < 8, "wake-ups that were taken are asked for again and again");
                machine.Dht.Wake(Now);
                machine.Effects.Complete(machine.Dht, Now);
            }
        }
    }
}

/// <summary>A machine of a <see cref="TestNetwork"/>.</summary>
internal sealed class TestMachine
{
    public TestMachine(MainlineOptions options, EntropyTree entropy) => Dht = new(options, entropy, Effects);

    public MainlineDht Dht { get; }

    public TestEffects Effects { get; } = new();

    public List<Endpoint> Endpoints { get; } = [];
}
