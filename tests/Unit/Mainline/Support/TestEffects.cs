using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Support;

/// <summary>A sink that records what a machine asks for. Completions are given back by <see cref="Complete"/>, never from within a call.</summary>
internal sealed class TestEffects : IMainlineEffects
{
    private readonly byte[] _slot = new byte[DatagramLimits.SendSlot];
    private readonly Queue<(long Ticket, bool Verify, bool Valid)> _completions = new();

    public Action<int, ReadOnlyMemory<byte>, Endpoint>? OnSend { get; set; }

    public List<MainlineEvent> Events { get; } = [];

    public List<(MainlineCollection Collection, byte[] Key, byte[] Value, ulong Source, Instant Expires)> Persisted { get; } = [];

    public bool VerifyQueueFull { get; set; }

    public bool PersistQueueFull { get; set; }

    public bool DiskBroken { get; set; }

    public int Sent { get; private set; }

    public Span<byte> Rent(int socket) => _slot;

    public void Send(int socket, int length, in Endpoint to)
    {
        Assert.InRange(length, 1, _slot.Length);
        Sent++;
        OnSend?.Invoke(socket, _slot.AsMemory(0, length), to);
    }

    public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (VerifyQueueFull)
        {
            return false;
        }

        _completions.Enqueue((ticket, true, CryptoProvider.Default.Ed25519.Verify(publicKey, message, signature)));
        return true;
    }

    public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires)
    {
        if (PersistQueueFull)
        {
            return false;
        }

        Persisted.Add((collection, key.ToArray(), value.ToArray(), source, expires));
        if (ticket != 0)
        {
            _completions.Enqueue((ticket, false, !DiskBroken));
        }

        return true;
    }

    public void Emit(in MainlineEvent happened) => Events.Add(happened);

    /// <summary>Gives the machine every completion that is due, those that follow from them included.</summary>
    public void Complete(MainlineDht machine, Instant now)
    {
        while (_completions.TryDequeue(out (long Ticket, bool Verify, bool Valid) next))
        {
            if (next.Verify)
            {
                machine.Verified(next.Ticket, next.Valid, now);
            }
            else
            {
                machine.Persisted(next.Ticket, next.Valid, now);
            }
        }
    }
}
