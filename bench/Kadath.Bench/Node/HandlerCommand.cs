using System.Diagnostics;
using System.Text;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Bench.Node;

/// <summary>
/// Time of the machine alone, from datagram to reply, without sockets: the least and the median over many short runs, so that a busy machine
/// disturbs little. <c>handler [CONTACTS]</c>.
/// </summary>
internal static class HandlerCommand
{
    private const int Run = 512;
    private const int Runs = 2000;

    public static int Start(string[] arguments)
    {
        int contacts = arguments.Length > 0 ? int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture) : 300;
        NullEffects effects = new();
        EntropyTree tree = EntropyTree.FromSeed(1);
        MainlineDht dht = new(new(), tree, effects);
        Instant now = new(TimeSpan.FromDays(1).Ticks);
        dht.AddSocket(Endpoint.V4(0x7F000001, 6881), AddressScope.Loopback, null, now);
        EntropyStream entropy = tree.Stream(99);
        for (int i = 0; i < contacts * 8; i++)
        {
            // Contacts come as restored ones do: what matters here is how full the table is.
            byte[] id = new byte[20];
            entropy.Fill(id);
            Endpoint endpoint = Endpoint.V4(0x7F000002 + (uint)(i / 60000), (ushort)(1024 + (i % 60000)));
            effects.Answer(dht, endpoint, id, now);
        }

        Console.WriteLine($"contacts {dht.StateOf(0).Contacts}");
        foreach ((string name, string query) in Queries)
        {
            Measure(name, dht, Encoding.Latin1.GetBytes(query), entropy, now);
        }

        return 0;
    }

    private static (string Name, string Query)[] Queries =>
    [
        ("ping", "d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t4:abcd1:y1:qe"),
        ("find_node", "d1:ad2:id20:aaaaaaaaaaaaaaaaaaaa6:target20:TTTTTTTTTTTTTTTTTTTTe1:q9:find_node1:t4:abcd1:y1:qe"),
        ("get_peers", "d1:ad2:id20:aaaaaaaaaaaaaaaaaaaa9:info_hash20:TTTTTTTTTTTTTTTTTTTTe1:q9:get_peers1:t4:abcd1:y1:qe"),
        ("get", "d1:ad2:id20:aaaaaaaaaaaaaaaaaaaa6:target20:TTTTTTTTTTTTTTTTTTTTe1:q3:get1:t4:abcd1:y1:qe"),
    ];

    private static void Measure(string name, MainlineDht dht, byte[] query, EntropyStream entropy, Instant now)
    {
        int target = query.AsSpan().IndexOf("TTTTTTTTTTTTTTTTTTTT"u8);
        Endpoint from = Endpoint.V4(0x7F000005, 5000);
        double[] times = new double[Runs];
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Run; i++)
            {
                if (target >= 0)
                {
                    entropy.Fill(query.AsSpan(target, 20));
                }

                dht.Receive(0, query, from, now);
            }

            times[run] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Run;
            now += TimeSpan.FromMilliseconds(1);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(times);
        Console.WriteLine($"{name,-10} least {times[0]:0} ns, median {times[Runs / 2]:0} ns, {allocated} bytes allocated in {Run * Runs} queries");
    }

    private sealed class NullEffects : IMainlineEffects
    {
        private readonly byte[] _slot = new byte[DatagramLimits.SendSlot];
        private int _length;

        public Span<byte> Rent(int socket) => _slot;

        public void Send(int socket, int length, in Endpoint to) => _length = length;

        public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => false;

        public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Instant expires) => true;

        public void Emit(in MainlineEvent happened)
        {
        }

        /// <summary>Has the machine ping an endpoint and answers in its place.</summary>
        public void Answer(MainlineDht dht, in Endpoint endpoint, ReadOnlySpan<byte> id, Instant now)
        {
            _length = 0;
            dht.AddNode(endpoint, now);
            int at = _slot.AsSpan(0, _length).IndexOf("1:t4:"u8);
            if (at >= 0)
            {
                byte[] reply = [.. "d1:rd2:id20:"u8, .. id, .. "e1:t4:"u8, .. _slot.AsSpan(at + 5, 4), .. "1:y1:re"u8];
                dht.Receive(0, reply, endpoint, now);
            }
        }
    }
}
