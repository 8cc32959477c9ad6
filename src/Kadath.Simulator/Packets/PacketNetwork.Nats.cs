using Kadath.Primitives;
using Kadath.Simulator.Nats;

namespace Kadath.Simulator.Packets;

/// <content>Nodes behind NATs.</content>
internal sealed partial class PacketNetwork
{
    private const int FirstPort = 1024, Ports = 65_536 - FirstPort;

    /// <summary>Puts a NAT in front of a node's socket 0, or takes it away.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="chance">Draws the ports of a symmetric one.</param>
    public void SetNat(int node, NatKind kind, EntropyStream chance) =>
        _seats[node].Nat = kind == NatKind.None ? null : new(kind, LocalOf(node, 0), () => DrawPort(node, chance));

    /// <summary>
    /// Whether a datagram that one node sent to an endpoint now would get past the NATs of both; nothing is opened or kept open by asking.
    /// A symmetric sender that has nothing open for the endpoint would come from a port that nobody knows yet.
    /// </summary>
    public bool WouldPass(int from, in Endpoint to)
    {
        if (!_addresses.TryGet(to, out int node, out _))
        {
            return false;
        }

        Endpoint local = LocalOf(from, 0);
        bool hairpin = to.SameAddress(local) && (_seats[from].Nat ?? _seats[node].Nat) is not null;
        return !hairpin && (_seats[node].Nat is not { } nat || nat.Admits(_seats[from].Nat?.SeenBy(to, Quantum) ?? local, to.Port, Quantum));
    }

    private bool TryEnter(NatBox nat, int datagram)
    {
        ref DatagramHeader header = ref _datagrams.HeaderOf(datagram);
        return nat.TryReceive(header.From, header.ToPort, Quantum);
    }

    private Endpoint DrawPort(int node, EntropyStream chance)
    {
        // A box has some thousand ports at most, and few share an address: a free port is found soon.
        while (true)
        {
            Endpoint endpoint = LocalOf(node, 0).WithPort((ushort)(FirstPort + chance.NextBelow(Ports)));
            if (!_addresses.TryGet(endpoint, out _, out _))
            {
                _addresses.Set(endpoint, node, 0);
                return endpoint;
            }
        }
    }
}
