using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Operations;

/// <summary>A network of nodes that have found each other, and a read-only one that asks them.</summary>
internal sealed class OperationNetwork
{
    public OperationNetwork(int nodes = 24)
    {
        Endpoint first = default;
        for (int i = 0; i < nodes; i++)
        {
            TestMachine machine = Network.Add($"127.0.0.1:{7000 + i}");
            first = first.IsValid ? first : machine.Endpoints[0];
            Join(machine, first);
        }

        First = first;
        Asker = Network.Add("127.0.0.1:6999", new() { ReadOnly = true });
        Join(Asker, first);
        Network.Run(TimeSpan.FromSeconds(90));
        Assert.All(Network.Machines, machine => Assert.InRange(machine.Dht.StateOf(0).Contacts, 3, 1000));
    }

    public TestNetwork Network { get; } = new();

    public Endpoint First { get; }

    public TestMachine Asker { get; }

    public Instant Now => Network.Now;

    /// <summary>Starts an operation at the asker and lets time pass until it has ended.</summary>
    public Recorder Complete(Func<MainlineDht, Recorder, OperationId> start, double seconds = 70)
    {
        var recorder = new Recorder();
        start(Asker.Dht, recorder);
        Assert.False(recorder.IsDone, "an operation never ends inside the call that starts it");
        Assert.True(Network.Run(TimeSpan.FromSeconds(seconds), () => recorder.IsDone), "the operation did not end");
        return recorder;
    }

    public static SignedItem Sign(Ed25519PrivateKey key, string value, long sequence, byte[]? salt = null, long? cas = null)
    {
        byte[] bencoded = System.Text.Encoding.UTF8.GetBytes($"{value.Length}:{value}");
        byte[] message = new byte[ItemRules.MaxMessage];
        int length = ItemRules.WriteSignedMessage(salt, sequence, bencoded, message);
        byte[] signature = new byte[64];
        CryptoProvider.Default.Ed25519.Sign(key, message.AsSpan(0, length), signature);
        return new(bencoded, key.PublicKey.ToArray(), salt ?? [], sequence, signature, cas);
    }

    private void Join(TestMachine machine, Endpoint first)
    {
        if (machine.Endpoints[0] != first)
        {
            machine.Dht.SetRouters([first], Network.Now);
        }

        Network.Run(TimeSpan.FromSeconds(1));
    }
}
