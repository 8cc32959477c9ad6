using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Pumps;

/// <summary>What a loop expects of the way it talks to the operating system; one class for each implementation inherits the suite.</summary>
public abstract class UdpPumpTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly List<IUdpPump> _pumps = [];

    private protected static Endpoint LoopbackV4 => Endpoint.V4(0x7F000001, 0);

    private protected static Endpoint LoopbackV6 => Endpoint.V6(0, 1, 0);

    private protected abstract IUdpPump Create(bool loopbackOnly);

    public void Dispose()
    {
        _pumps.ForEach(pump => pump.Dispose());
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_datagram_arrives_whole_with_its_source(bool v6)
    {
        IUdpPump pump = New();
        IUdpSocket a = pump.Open(v6 ? LoopbackV6 : LoopbackV4, 65536), b = pump.Open(v6 ? LoopbackV6 : LoopbackV4, 65536);
        Send(a, b.Local, "hello"u8);
        pump.Flush();
        (byte[] Data, Endpoint From) got = Assert.Single(Collect(pump, b, 1));
        Assert.Equal("hello"u8.ToArray(), got.Data);
        Assert.Equal(a.Local, got.From);
        Assert.Equal(1, a.Counters.Sent);
        Assert.Equal(1, b.Counters.Received);
    }

    [Fact]
    public void More_datagrams_than_a_batch_arrive_in_order()
    {
        IUdpPump pump = New();
        IUdpSocket a = pump.Open(LoopbackV4, 1 << 20), b = pump.Open(LoopbackV4, 1 << 20);
        for (int i = 0; i < 200; i++)
        {
            Send(a, b.Local, BitConverter.GetBytes(i));
        }

        pump.Flush();
        List<(byte[] Data, Endpoint From)> got = Collect(pump, b, 200);
        Assert.Equal(Enumerable.Range(0, 200), got.Select(datagram => BitConverter.ToInt32(datagram.Data)));
    }

    [Fact]
    public void More_is_waiting_only_where_the_buffer_has_filled_up()
    {
        IUdpPump pump = New();
        IUdpSocket a = pump.Open(LoopbackV4, 1 << 20), b = pump.Open(LoopbackV4, 16384);
        Assert.False(b.IsBacklogged(Instant.FromSeconds(1)));
        for (int i = 0; i < 500; i++)
        {
            Send(a, b.Local, new byte[1000]);
        }

        pump.Flush();
        Assert.True(b.IsBacklogged(Instant.FromSeconds(2)));
        while (b.Receive() > 0)
        {
        }

        b.IsBacklogged(Instant.FromSeconds(3));
        Assert.False(b.IsBacklogged(Instant.FromSeconds(4)));
    }

    [Fact]
    public void Datagrams_of_several_sockets_leave_from_their_own()
    {
        IUdpPump pump = New();
        IUdpSocket a = pump.Open(LoopbackV4, 65536), b = pump.Open(LoopbackV4, 65536), c = pump.Open(LoopbackV4, 65536);
        for (int i = 0; i < 10; i++)
        {
            Send(i % 2 == 0 ? a : b, c.Local, [(byte)i]);
        }

        pump.Flush();
        foreach ((byte[] data, Endpoint from) in Collect(pump, c, 10))
        {
            Assert.Equal(data[0] % 2 == 0 ? a.Local : b.Local, from);
        }
    }

    [Fact]
    public void A_datagram_that_fills_the_receive_slot_arrives_and_a_longer_one_is_dropped_and_counted()
    {
        IUdpPump pump = New();
        IUdpSocket socket = pump.Open(LoopbackV4, 1 << 20);
        using UdpClient sender = new(new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint to = new(IPAddress.Loopback, socket.Local.Port);
        sender.Send(new byte[DatagramLimits.ReceiveSlot + 1], to);
        sender.Send(new byte[DatagramLimits.ReceiveSlot], to);
        sender.Send([1], to);
        List<(byte[] Data, Endpoint From)> got = Collect(pump, socket, 2);
        Assert.Equal([DatagramLimits.ReceiveSlot, 1], got.Select(datagram => datagram.Data.Length));
        Assert.Equal(1, socket.Counters.Truncated);
        Assert.Equal(3, socket.Counters.Received);
    }

    [Fact]
    public void An_empty_datagram_does_not_hide_the_next()
    {
        IUdpPump pump = New();
        IUdpSocket socket = pump.Open(LoopbackV4, 65536);
        using UdpClient sender = new(new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint to = new(IPAddress.Loopback, socket.Local.Port);
        sender.Send([], to);
        sender.Send([7], to);
        Assert.Contains(Collect(pump, socket, 2), datagram => datagram.Data is [7]);
    }

    [Fact]
    public void A_wake_from_another_thread_ends_the_sleep()
    {
        IUdpPump pump = New();
        Stopwatch watch = Stopwatch.StartNew();
        Thread waker = new(() =>
        {
            Thread.Sleep(50);
            pump.Wake();
        });
        waker.Start();
        pump.Wait(TimeSpan.FromSeconds(30));
        waker.Join();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"slept {watch.Elapsed}");
    }

    [Fact]
    public void A_wake_before_the_sleep_is_not_lost_and_wakes_once()
    {
        IUdpPump pump = New();
        pump.Wake();
        pump.Wake();
        Stopwatch watch = Stopwatch.StartNew();
        pump.Wait(TimeSpan.FromSeconds(30));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"slept {watch.Elapsed}");
        watch.Restart();
        pump.Wait(TimeSpan.FromMilliseconds(60));
        Assert.True(watch.Elapsed > TimeSpan.FromMilliseconds(40), $"slept only {watch.Elapsed}");
    }

    [Fact]
    public void Sending_to_a_port_where_nobody_listens_harms_nothing()
    {
        IUdpPump pump = New();
        IUdpSocket a = pump.Open(LoopbackV4, 65536), b = pump.Open(LoopbackV4, 65536);
        IUdpSocket gone = pump.Open(LoopbackV4, 65536);
        Endpoint dead = gone.Local;
        gone.Dispose();
        for (int i = 0; i < 5; i++)
        {
            Send(a, dead, "x"u8);
            pump.Flush();
        }

        Send(a, b.Local, "y"u8);
        pump.Flush();
        Assert.Single(Collect(pump, b, 1));
        Assert.Equal(0, a.Receive());
    }

    [Fact]
    public void A_datagram_that_cannot_be_sent_is_counted_and_the_others_leave()
    {
        IUdpPump pump = New();
        IUdpSocket a = pump.Open(LoopbackV4, 65536), b = pump.Open(LoopbackV4, 65536);
        Send(a, b.Local, "1"u8);
        Send(a, b.Local.WithPort(0), "2"u8);
        Send(a, b.Local, "3"u8);
        pump.Flush();
        Assert.Equal(["1", "3"], Collect(pump, b, 2).Select(datagram => System.Text.Encoding.ASCII.GetString(datagram.Data)));
        Assert.Equal(1, a.Counters.SendFailed);
    }

    [Fact]
    public void An_ipv6_socket_is_ipv6_only()
    {
        IUdpPump pump = New();
        IUdpSocket v6 = pump.Open(Endpoint.V6(0, 0, 0), 65536);
        // With a dual-mode socket the IPv4 wildcard of the same port would be taken.
        IUdpSocket v4 = pump.Open(Endpoint.V4(0, v6.Local.Port), 65536);
        Assert.Equal(v6.Local.Port, v4.Local.Port);
    }

    [Fact]
    public void A_port_in_use_is_explained()
    {
        IUdpPump pump = New();
        IUdpSocket taken = pump.Open(LoopbackV4, 65536);
        BindException fault = Assert.Throws<BindException>(() => pump.Open(taken.Local, 65536));
        Assert.Contains("in use", fault.Message, StringComparison.Ordinal);
        Assert.NotEmpty(fault.Hint);
        BindException foreign = Assert.Throws<BindException>(() => pump.Open(Endpoint.V4(0xC0000201, 0), 65536));
        Assert.Contains("no such address", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_leave_loopback_is_counted_and_withheld_where_asked()
    {
        IUdpPump pump = New(loopbackOnly: true);
        IUdpSocket socket = pump.Open(LoopbackV4, 65536);
        Send(socket, Endpoint.V4(0xC0000201, 9), "x"u8);
        Send(socket, socket.Local, "y"u8);
        pump.Flush();
        Assert.Single(Collect(pump, socket, 1));
        Assert.Equal((1, 0, 1), (socket.Counters.Withheld, socket.Counters.SentOutsideLoopback, socket.Counters.Sent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Receiving_and_sending_allocate_nothing(bool wildcard)
    {
        IUdpPump pump = New();
        IUdpSocket a = pump.Open(LoopbackV4, 1 << 20), b = pump.Open(wildcard ? Endpoint.V4(0, 0) : LoopbackV4, 1 << 20);
        // The first exchanges may grow buffers and compile code.
        Exchange(pump, a, b, 200);
        // The least of some rounds: a collection on another thread counts the rest of this thread's allocation context.
        Assert.Equal(0, Enumerable.Range(0, 4).Min(_ => Exchange(pump, a, b, 500)));
    }

    [Fact]
    public void A_wildcard_socket_answers_from_the_address_that_was_asked()
    {
        IUdpPump pump = New();
        IUdpSocket wildcard = pump.Open(Endpoint.V4(0, 0), 65536), b = pump.Open(LoopbackV4, 65536), c = pump.Open(LoopbackV4, 65536);
        Endpoint asked = Endpoint.V4(0x7F000005, wildcard.Local.Port);
        Send(b, asked, "question"u8);
        pump.Flush();
        Collect(pump, wildcard, 1);
        Send(wildcard, b.Local, "answer"u8);
        Send(wildcard, c.Local, "to whom never asked"u8);
        pump.Flush();
        Assert.Equal(asked, Assert.Single(Collect(pump, b, 1)).From);
        Assert.Equal(LoopbackV4.WithPort(asked.Port), Assert.Single(Collect(pump, c, 1)).From);
    }

    [Fact]
    public void A_wildcard_socket_keeps_its_port_from_others_after_it_was_asked_at_several_addresses()
    {
        IUdpPump pump = New();
        IUdpSocket wildcard = pump.Open(Endpoint.V4(0, 0), 65536), b = pump.Open(LoopbackV4, 65536);
        for (uint i = 1; i <= 3; i++)
        {
            Send(b, Endpoint.V4(0x7F000000 + i, wildcard.Local.Port), [(byte)i]);
            pump.Flush();
            Collect(pump, wildcard, 1);
        }

        foreach (bool reuse in (bool[])[false, true])
        {
            using Socket thief = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            thief.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, reuse);
            Assert.Throws<SocketException>(() => thief.Bind(new IPEndPoint(IPAddress.Any, wildcard.Local.Port)));
            Assert.Throws<SocketException>(() => thief.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), wildcard.Local.Port)));
        }
    }

    [Fact]
    public void A_wildcard_socket_serves_all_that_ask_at_many_addresses_in_turn()
    {
        IUdpPump pump = New();
        IUdpSocket wildcard = pump.Open(Endpoint.V4(0, 0), 1 << 20), b = pump.Open(LoopbackV4, 1 << 20);
        // More addresses than a machine has, each often.
        for (int i = 0; i < 400; i++)
        {
            Endpoint asked = Endpoint.V4(0x7F000001 + ((uint)i % 40), wildcard.Local.Port);
            Send(b, asked, BitConverter.GetBytes(i));
            pump.Flush();
            Assert.Equal(i, BitConverter.ToInt32(Assert.Single(Collect(pump, wildcard, 1)).Data));
            Send(wildcard, b.Local, BitConverter.GetBytes(-i));
            pump.Flush();
            (byte[] data, Endpoint from) = Assert.Single(Collect(pump, b, 1));
            Assert.Equal(-i, BitConverter.ToInt32(data));
            if (i % 40 < 30)
            {
                Assert.Equal(asked, from);
            }
        }
    }

    private static long Exchange(IUdpPump pump, IUdpSocket a, IUdpSocket b, int rounds)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Endpoint to = LoopbackV4.WithPort(b.Local.Port);
        for (int i = 0; i < rounds; i++)
        {
            a.Rent()[0] = 1;
            a.Send(1, to);
            pump.Flush();
            pump.Wait(Patience);
            int count = b.Receive();
            for (int k = 0; k < count; k++)
            {
                b.TryGet(k, out _, out _);
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private protected static void Send(IUdpSocket socket, Endpoint to, ReadOnlySpan<byte> data)
    {
        data.CopyTo(socket.Rent());
        socket.Send(data.Length, to);
    }

    private protected static List<(byte[] Data, Endpoint From)> Collect(IUdpPump pump, IUdpSocket socket, int count)
    {
        List<(byte[] Data, Endpoint From)> got = [];
        Stopwatch watch = Stopwatch.StartNew();
        while (got.Count < count && watch.Elapsed < Patience)
        {
            pump.Wait(TimeSpan.FromMilliseconds(200));
            if (!socket.Readable)
            {
                continue;
            }

            int received = socket.Receive();
            for (int i = 0; i < received; i++)
            {
                if (socket.TryGet(i, out ReadOnlySpan<byte> datagram, out Endpoint from))
                {
                    got.Add((datagram.ToArray(), from));
                }
            }
        }

        return got;
    }

    private protected IUdpPump New(bool loopbackOnly = false)
    {
        IUdpPump pump = Create(loopbackOnly);
        _pumps.Add(pump);
        return pump;
    }
}

/// <summary>The suite over .NET's own sockets.</summary>
public sealed class PortableSocketPumpTests : UdpPumpTests
{
    private protected override IUdpPump Create(bool loopbackOnly) => new PortableSocketPump(loopbackOnly);
}

/// <summary>The suite over recvmmsg and sendmmsg.</summary>
public sealed class LinuxBatchPumpTests : UdpPumpTests
{
    private protected override IUdpPump Create(bool loopbackOnly)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && LinuxBatchPump.IsSupported, "batched UDP needs 64-bit Linux");
        return OperatingSystem.IsLinux() ? new LinuxBatchPump(loopbackOnly) : null!;
    }
}
