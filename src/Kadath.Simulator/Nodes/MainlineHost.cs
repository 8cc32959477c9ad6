using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Simulator.Packets;
using Kadath.Simulator.Swarm;

namespace Kadath.Simulator.Nodes;

/// <summary>
/// What all Mainline machines of a network ask of their driver. One for all: the network knows whose machine is acting. Signatures are
/// really checked, writes take the time of a disk; both come back later, as in a node.
/// </summary>
internal sealed class MainlineHost(PacketNetwork network, HostOptions hosts) : IMainlineEffects, ICompletionTarget
{
    private const byte Verified = 1, Persisted = 2;

    /// <summary>How often each kind of event was emitted.</summary>
    public long[] Emitted { get; } = new long[Enum.GetValues<MainlineEventKind>().Length];

    /// <summary>A mistake that was planted to show that it is found; null in every honest run.</summary>
    public BugPlanter? Bug { get; set; }

    /// <summary>A node has moved to another id.</summary>
    public Action<int, Id160>? IdChanged { get; set; }

    /// <summary>Something happened in a machine; null where nobody listens.</summary>
    public Action<int, MainlineEvent>? Happened { get; set; }

    /// <summary>What nodes keep on their disks; null where nothing outlives a stop.</summary>
    public Action<int, WrittenRecord>? Written { get; set; }

    /// <inheritdoc/>
    public Span<byte> Rent(int socket) => network.Rent(socket);

    /// <inheritdoc/>
    public void Send(int socket, int length, in Endpoint to)
    {
        if (Bug is not { } bug)
        {
            network.Send(socket, length, to);
            return;
        }

        Span<byte> slot = network.Rent(socket);
        length = bug.Change(network.Acting, slot, length);
        network.Send(socket, length, to);
        if (bug.Repeats(slot[..length]))
        {
            network.Send(socket, length, to);
        }

        if (bug.Unasked(slot, length) is > 0 and var unasked)
        {
            network.Send(socket, unasked, to);
        }
    }

    /// <inheritdoc/>
    public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        network.CompleteAfter(hosts.VerifyTime, Verified, ticket, CryptoProvider.Default.Ed25519.Verify(publicKey, message, signature));
        return true;
    }

    /// <inheritdoc/>
    public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires)
    {
        Written?.Invoke(network.Acting, new(collection, key.ToArray(), value.ToArray(), source, expires));
        if (ticket != 0)
        {
            network.CompleteAfter(hosts.DiskTime, Persisted, ticket, good: true);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Emit(in MainlineEvent happened)
    {
        Emitted[(int)happened.Kind]++;
        Happened?.Invoke(network.Acting, happened);
        if (happened.Kind == MainlineEventKind.IdChanged)
        {
            IdChanged?.Invoke(network.Acting, happened.Id);
        }
    }

    /// <inheritdoc/>
    public void Completed(int node, in Completion completion, Instant now)
    {
        if (completion.Machine is not MainlineDht machine)
        {
            return;
        }

        if (completion.Kind == Verified)
        {
            machine.Verified(completion.Ticket, completion.Good, now);
        }
        else
        {
            machine.Persisted(completion.Ticket, completion.Good, now);
        }
    }
}

/// <summary>A record that a machine had written: an empty value deletes.</summary>
internal readonly record struct WrittenRecord(MainlineCollection Collection, byte[] Key, byte[] Value, ulong Source, Instant Expires);
