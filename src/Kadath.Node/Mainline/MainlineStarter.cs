using System.Buffers.Binary;
using System.Security.Cryptography;
using Kadath.Kademlia.Storage;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// Brings a Mainline node up: opens the store, binds (with the saved ports where they were left open), restores, and hands the machine to
/// its loop. All of it off the loop but the binding.
/// </summary>
internal sealed class MainlineStarter(NodeLoop loop, MainlineNodeOptions options)
{
    private static readonly string Ports = MainlineMember.Collections[MainlineMember.PortsCollection];

    private IRecordStore? _store;
    private string? _alarm;

    /// <summary>The member, serving when <see cref="StartAsync"/> has ended.</summary>
    public MainlineMember Member { get; } = new(loop, options);

    /// <summary>The writer, or null without a store.</summary>
    public StoreWriter? Writer { get; private set; }

    /// <summary>Starts; whatever it made is undone if that fails.</summary>
    public async Task StartAsync(BootstrapPlan plan, Endpoint[] routers)
    {
        OpenStore();
        try
        {
            await BindAsync().ConfigureAwait(false);
            SavePorts();
            MainlineDht dht = await RestoreAsync(plan, routers).ConfigureAwait(false);
            if (options.OpenStore is { } open)
            {
                Writer = Member.AttachStore(open, _store, _alarm);
                if (_store is null)
                {
                    SavePortsLater(Writer);
                }

                _store = null;
            }

            await ServeAsync(dht).ConfigureAwait(false);
        }
        catch
        {
            _store?.Dispose();
            Writer?.Dispose();
            throw;
        }
    }

    private static EntropyTree NewEntropy()
    {
        Span<byte> secret = stackalloc byte[EntropyTree.SecretSize];
        RandomNumberGenerator.Fill(secret);
        EntropyTree tree = EntropyTree.FromSecret(secret);
        CryptographicOperations.ZeroMemory(secret);
        return tree;
    }

    private Task ServeAsync(MainlineDht dht) => loop.InvokeAsync(Member.Slot, now =>
    {
        Member.Serve(dht, now);
        return true;
    });

    private void OpenStore()
    {
        try
        {
            _store = options.OpenStore?.Invoke();
        }
        catch (RecordStoreException fault)
        {
            _alarm = $"the store could not be opened, records are kept in memory only: {fault.Message}";
        }
    }

    private async Task BindAsync()
    {
        Endpoint[] wanted = [.. options.Bind];
        Endpoint[] saved = WithSavedPorts(wanted);
        if (!saved.SequenceEqual(wanted))
        {
            try
            {
                await BindAsync(saved).ConfigureAwait(false);
                return;
            }
            catch (BindException)
            {
                // The saved port has gone to somebody else: any free one will do.
            }
        }

        await BindAsync(wanted).ConfigureAwait(false);
    }

    private Task BindAsync(Endpoint[] addresses) => loop.InvokeAsync(null, _ =>
    {
        Member.Bind(addresses);
        return true;
    });

    private Endpoint[] WithSavedPorts(Endpoint[] wanted)
    {
        ushort[] ports = new ushort[wanted.Length];
        Guarded(() => _store?.Load(Ports, 0, (key, value, _, _) =>
        {
            if (key.Length == 1 && value.Length == 2 && key[0] < ports.Length)
            {
                ports[key[0]] = BinaryPrimitives.ReadUInt16BigEndian(value);
            }
        }));
        return [.. wanted.Select((endpoint, i) => endpoint.Port == 0 ? endpoint.WithPort(ports[i]) : endpoint)];
    }

    private void SavePorts()
    {
        if (_store is null)
        {
            return;
        }

        RecordChange[] changes = new RecordChange[options.Bind.Count];
        for (int i = 0; i < changes.Length; i++)
        {
            changes[i] = new(Ports, [(byte)i], PortOf(i), long.MaxValue);
        }

        Guarded(() => _store.Apply(changes));
    }

    private void SavePortsLater(StoreWriter writer)
    {
        for (int i = 0; i < options.Bind.Count; i++)
        {
            writer.TryWrite(urgent: false, MainlineMember.PortsCollection, [(byte)i], PortOf(i), 0, long.MaxValue);
        }
    }

    private byte[] PortOf(int socket)
    {
        byte[] port = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(port, Member.Endpoints[socket].Port);
        return port;
    }

    // The machines of a loop share memory that is single-threaded: one that joins others is made on the loop, one that has it alone before it.
    private Task<MainlineDht> RestoreAsync(BootstrapPlan plan, Endpoint[] routers) =>
        options.Loop is null ? Task.FromResult(Restore(plan, routers)) : loop.InvokeAsync(null, _ => Restore(plan, routers));

    private MainlineDht Restore(BootstrapPlan plan, Endpoint[] routers)
    {
        MainlineDht dht = new(options.Network, NewEntropy(), Member, loop.MainlineMemory);
        Instant now = MonotonicClock.Now;
        LoadCollection(dht, MainlineCollection.Identity, now);
        foreach (Endpoint local in Member.Endpoints)
        {
            dht.AddSocket(local, plan.ScopeOf(local), null, now);
        }

        LoadCollection(dht, MainlineCollection.Contacts, now);
        LoadCollection(dht, MainlineCollection.Items, now);
        LoadCollection(dht, MainlineCollection.Announces, now);
        dht.SetRouters(routers, now);
        return dht;
    }

    private void LoadCollection(MainlineDht dht, MainlineCollection collection, Instant now)
    {
        long wall = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Guarded(() => _store?.Load(MainlineMember.Collections[(int)collection], wall, (key, value, source, expires) =>
            dht.Restore(collection, key, value, source, MonotonicClock.FromUnixMilliseconds(expires, now), now)));
    }

    private void Guarded(Action access)
    {
        try
        {
            access();
        }
        catch (RecordStoreException fault)
        {
            // What was not read is read when the store works again, as if it had been opened only then.
            _alarm ??= $"the store could not be used, records are kept in memory only: {fault.Message}";
            _store?.Dispose();
            _store = null;
        }
    }
}
