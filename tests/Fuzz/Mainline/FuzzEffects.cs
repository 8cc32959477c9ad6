using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Fuzz.Mainline;

/// <summary>The driver of a fuzzed node: remembers what was asked and answered, and completes effects late, in any order, with any result.</summary>
internal sealed class FuzzEffects : IMainlineEffects, IMainlineObserver
{
    private const int MaxRemembered = 64;

    private readonly byte[] _slot = new byte[DatagramLimits.SendSlot];
    private readonly List<(uint Transaction, Endpoint To)> _queries = [];
    private readonly List<(long Ticket, bool Verify)> _pending = [];
    private readonly Dictionary<Endpoint, int> _asked = [];
    private Instant _asking;

    /// <summary>Responses and errors sent since it was cleared.</summary>
    public List<(Endpoint To, int Length)> Answers { get; } = [];

    public Instant Now { get; set; }

    public byte[] Last { get; set; } = [];

    public long Completed { get; private set; }

    public Span<byte> Rent(int socket) => _slot;

    public void Send(int socket, int length, in Endpoint to)
    {
        Assert.InRange(length, 1, KrpcLimits.ItemPayload);
        Assert.NotEqual(0, to.Port);
        Assert.True(BencodeReader.IsCanonical(_slot.AsSpan(0, length)), Convert.ToHexStringLower(_slot.AsSpan(0, length)));
        Assert.True(KrpcParser.TryParse(_slot.AsSpan(0, length), out KrpcMessage message));
        if (message.Kind != KrpcKind.Query)
        {
            Answers.Add((to, length));
            Last = _slot[..length];
            return;
        }

        // Nobody can have us flood an address: a burst of ten, and twenty more in ten seconds.
        (_asking, bool turned) = Now - _asking > TimeSpan.FromSeconds(10) ? (Now, true) : (_asking, false);
        if (turned)
        {
            _asked.Clear();
        }

        Endpoint paced = socket == 2 ? to.WithPort(1) : to;
        int asked = _asked[paced] = _asked.GetValueOrDefault(paced) + 1;
        Assert.InRange(asked, 1, 31);
        Assert.Equal(socket == 2 ? AddressScope.Global : AddressScope.Loopback, to.Scope);
        if (_queries.Count == MaxRemembered)
        {
            _queries.RemoveAt(0);
        }

        _queries.Add((System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(message.Transaction), to));
    }

    public bool TryTakeQuery(EntropyStream entropy, out uint transaction, out Endpoint to)
    {
        (transaction, to) = (0, default);
        if (_queries.Count == 0)
        {
            return false;
        }

        int at = entropy.NextBelow(_queries.Count);
        (transaction, to) = _queries[at];
        if (entropy.NextBelow(2) == 0)
        {
            _queries.RemoveAt(at);
        }

        return true;
    }

    public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Add(ticket, verify: true);

    public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires)
    {
        Assert.InRange(key.Length, 1, 255);
        Assert.InRange(value.Length, 0, 65_536);
        return ticket == 0 || Add(ticket, verify: false);
    }

    public void Emit(in MainlineEvent happened)
    {
    }

    /// <summary>Completes some of what is pending; now and then with a failure, a second time, or with a ticket that never was.</summary>
    public void Complete(MainlineDht machine, EntropyStream entropy, Instant now)
    {
        while (_pending.Count > 0 && entropy.NextBelow(3) != 0)
        {
            int at = entropy.NextBelow(_pending.Count);
            (long ticket, bool verify) = _pending[at];
            _pending.RemoveAt(at);
            Completed++;
            for (int times = entropy.NextBelow(10) == 0 ? 2 : 1; times > 0; times--)
            {
                if (verify)
                {
                    machine.Verified(ticket, entropy.NextBelow(4) != 0, now);
                }
                else
                {
                    machine.Persisted(ticket, entropy.NextBelow(4) != 0, now);
                }
            }
        }

        if (entropy.NextBelow(100) == 0)
        {
            machine.Persisted((long)entropy.NextUInt64(), true, now);
            machine.Verified((long)entropy.NextUInt64(), true, now);
        }
    }

    public void OnPeers(ReadOnlySpan<Endpoint> peers)
    {
    }

    public void OnNode(in NodeOutcome outcome)
    {
    }

    public void OnItem(in ItemView item)
    {
    }

    public void OnSamples(in SamplesView samples)
    {
    }

    public void OnAwaitingItem(long highestSequence)
    {
    }

    public void OnRound(in OperationReport report)
    {
    }

    public void OnCompleted(in OperationReport report)
    {
    }

    private bool Add(long ticket, bool verify)
    {
        if (_pending.Count == 40)
        {
            return false;
        }

        _pending.Add((ticket, verify));
        return true;
    }
}
