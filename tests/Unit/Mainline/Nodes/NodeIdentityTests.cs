using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Mainline.Addresses;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Nodes;

public sealed class NodeIdentityTests
{
    [Fact]
    public void A_node_learns_its_address_from_others_and_takes_an_id_that_fits_once()
    {
        TestNetwork network = Global(24, wildcard: true);
        foreach (TestMachine machine in network.Machines)
        {
            MainlineSocketState state = machine.Dht.StateOf(0);
            Assert.Equal(machine.Endpoints[0], state.External);
            Assert.True(SecureId.IsValid(state.Id, state.External, CryptoProvider.Default.Crc32C));
            Assert.Single(machine.Effects.Events, e => e.Kind == MainlineEventKind.IdChanged);
            Assert.Single(machine.Effects.Events, e => e.Kind == MainlineEventKind.ExternalAddress);
            Assert.InRange(state.Contacts, 12, 23);
            Assert.Contains(machine.Effects.Persisted, p => p.Collection == MainlineCollection.Identity && Id160.Read(p.Value) == state.Id);
        }
    }

    [Fact]
    public void Local_networks_keep_their_ids()
    {
        TestNetwork network = new();
        for (int i = 0; i < 15; i++)
        {
            network.Add($"127.0.{i}.1:6881").Dht.SetRouters([Endpoint.V4(0x7f000001, 6881)], network.Now);
        }

        network.Run(TimeSpan.FromMinutes(10));
        Assert.All(network.Machines, m => Assert.DoesNotContain(m.Effects.Events, e => e.Kind is MainlineEventKind.IdChanged or MainlineEventKind.ExternalAddress));
    }

    [Fact]
    public void After_a_restart_the_id_the_address_and_the_contacts_are_there_and_no_router_is_needed()
    {
        TestNetwork network = Global(24, wildcard: true);
        TestMachine old = network.Machines[5];
        MainlineSocketState before = old.Dht.StateOf(0);
        old.Effects.Persisted.Clear();
        old.Dht.Checkpoint(network.Now);
        network.Remove(old);
        TestMachine restarted = network.Add(old.Endpoints[0].ToString(), wildcard: true, restore: m => Restore(m, MainlineCollection.Identity));
        Restore(restarted, MainlineCollection.Contacts);
        MainlineSocketState after = restarted.Dht.StateOf(0);
        Assert.Equal((before.Id, before.External, before.Contacts), (after.Id, after.External, after.Contacts));
        Assert.True(network.Run(TimeSpan.FromMinutes(1), () => restarted.Dht.StateOf(0).Bootstrapped));
        Assert.DoesNotContain(restarted.Effects.Events, e => e.Kind == MainlineEventKind.IdChanged);

        void Restore(TestMachine machine, MainlineCollection collection)
        {
            foreach ((MainlineCollection _, byte[] key, byte[] value, ulong source, Instant expires) in old.Effects.Persisted.Where(p => p.Collection == collection))
            {
                Assert.True(machine.Dht.Restore(collection, key, value, source, expires, network.Now));
            }
        }
    }

    [Fact]
    public void Votes_in_replies_to_nothing_do_not_count()
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("5.0.0.1:6881", wildcard: true);
        Id160 id = machine.Dht.StateOf(0).Id;
        for (uint i = 0; i < 50; i++)
        {
            byte[] reply = [.. "d2:ip6:"u8, 9, 9, 9, 9, 9, 9, .. "1:rd2:id20:abcdefghij0123456789e1:t4:"u8, (byte)i, 2, 3, 4, .. "1:y1:re"u8];
            network.Fly(Endpoint.V4(0x20000001 + (i << 8), 6881), machine.Endpoints[0], reply);
        }

        network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(id, machine.Dht.StateOf(0).Id);
        Assert.False(machine.Dht.StateOf(0).External.IsValid);
        Assert.Equal(0, machine.Effects.Sent);
    }

    private static TestNetwork Global(int count, bool wildcard)
    {
        TestNetwork network = new();
        for (int i = 0; i < count; i++)
        {
            network.Add($"{20 + i}.{i}.0.1:6881", wildcard: wildcard).Dht.SetRouters([Endpoint.V4(0x14000001, 6881)], network.Now);
        }

        network.Machines[0].Dht.SetRouters([network.Machines[1].Endpoints[0]], network.Now);
        network.Run(TimeSpan.FromMinutes(30));
        return network;
    }
}
