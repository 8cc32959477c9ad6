using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Loops;

/// <summary>How a loop carries its members, over both pumps.</summary>
public sealed class NodeLoopTests
{
    public static TheoryData<UdpPumpKind> Pumps => LinuxBatchPump.IsSupported ? [UdpPumpKind.Portable, UdpPumpKind.Batch] : [UdpPumpKind.Portable];

    [Theory]
    [MemberData(nameof(Pumps))]
    public async Task A_member_answers_from_its_own_socket(UdpPumpKind pump)
    {
        await using NodeLoop loop = NodeLoop.Start(new() { Pump = pump });
        Assert.Equal(pump, loop.Pump);
        EchoMember first = await EchoMember.AddAsync(loop), second = await EchoMember.AddAsync(loop);
        using UdpClient client = Client();
        for (int i = 0; i < 100; i++)
        {
            EchoMember member = i % 2 == 0 ? first : second;
            await client.SendAsync(new byte[] { (byte)i }, ToIP(member.Local), TestContext.Current.CancellationToken);
            UdpReceiveResult answer = await ReceiveAsync(client);
            Assert.Equal([(byte)i], answer.Buffer);
            Assert.Equal(member.Local.Port, answer.RemoteEndPoint.Port);
        }

        Assert.Equal((50, 50), (first.Received, second.Received));
        Assert.Equal((100, 100, 0), (loop.Traffic.Received, loop.Traffic.Sent, loop.Traffic.SentOutsideLoopback));
    }

    [Theory]
    [MemberData(nameof(Pumps))]
    public async Task After_a_warm_up_the_loop_allocates_nothing(UdpPumpKind pump)
    {
        await using NodeLoop loop = NodeLoop.Start(new() { Pump = pump });
        EchoMember member = await EchoMember.AddAsync(loop);
        using UdpClient client = Client();
        await ExchangeAsync(client, member, 500);
        // The least of some rounds: a collection on another thread counts the rest of the loop's allocation context.
        long least = long.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            long before = member.AllocatedAtReceive;
            await ExchangeAsync(client, member, 800);
            least = Math.Min(least, member.AllocatedAtReceive - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task Deadlines_are_met_in_order_and_not_before_their_time()
    {
        await using NodeLoop loop = NodeLoop.Start();
        List<int> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Instant start = MonotonicClock.Now;
        int[] delays = [90, 30, 60, 10, 75, 45];
        foreach (int delay in delays)
        {
            Instant deadline = start + TimeSpan.FromMilliseconds(delay + 200);
            EchoMember member = new() { Deadline = deadline };
            member.OnWake = now =>
            {
                Assert.True(now >= deadline);
                order.Add(delay);
                if (order.Count == delays.Length)
                {
                    done.SetResult();
                }
            };
            await EchoMember.AddAsync(loop, member);
            await loop.InvokeAsync(member.Slot, _ => true);
        }

        await done.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(delays.Order(), order);
    }

    [Fact]
    public async Task A_member_that_throws_is_told_and_taken_off_and_the_others_go_on()
    {
        await using NodeLoop loop = NodeLoop.Start();
        EchoMember broken = await EchoMember.AddAsync(loop, new() { ThrowOnReceive = true }), sound = await EchoMember.AddAsync(loop);
        using UdpClient client = Client();
        await client.SendAsync(new byte[] { 1 }, ToIP(broken.Local), TestContext.Current.CancellationToken);
        await ExchangeAsync(client, sound, 3);
        Assert.IsType<InvalidDataException>(broken.Fault);
        Assert.Null(sound.Fault);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => loop.InvokeAsync(broken.Slot, _ => 1));
        Assert.False(loop.Completion.IsCompleted);
    }

    [Fact]
    public async Task A_fault_of_the_loop_itself_is_told_to_all()
    {
        NodeLoop loop = NodeLoop.Start();
        EchoMember member = await EchoMember.AddAsync(loop);
        loop.Post(new(null, _ => throw new InvalidDataException("broken on purpose"), null));
        await Assert.ThrowsAsync<InvalidDataException>(() => loop.Completion.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.IsType<InvalidDataException>(member.Fault);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => loop.InvokeAsync(member.Slot, _ => 1));
    }

    [Fact]
    public async Task Commands_of_many_threads_all_run_and_those_beyond_the_bound_are_refused()
    {
        await using NodeLoop loop = NodeLoop.Start(new() { CommandCapacity = 64 });
        int ran = 0, refused = 0;
        using ManualResetEventSlim gate = new();
        loop.Post(new(null, _ => gate.Wait(), null));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                if (!loop.Post(new(null, _ => ran++, null)))
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })));
        gate.Set();
        await loop.InvokeAsync<bool>(null, _ => true).ContinueWith(_ => { }, TestContext.Current.CancellationToken);
        SpinWait.SpinUntil(() => Volatile.Read(ref ran) + refused == 400, TimeSpan.FromSeconds(10));
        Assert.Equal(400, ran + refused);
        Assert.InRange(ran, 63, 65);
    }

    [Fact]
    public async Task Disposing_ends_the_loop_at_once_and_frees_the_ports()
    {
        NodeLoop loop = NodeLoop.Start();
        EchoMember member = await EchoMember.AddAsync(loop);
        Stopwatch watch = Stopwatch.StartNew();
        await loop.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"took {watch.Elapsed}");
        using UdpClient again = new(new IPEndPoint(IPAddress.Loopback, member.Local.Port));
        Assert.NotNull(member.Fault);
    }

    [Fact]
    public async Task Signals_reach_the_member_and_wrong_signatures_are_judged_wrong()
    {
        await using NodeLoop loop = NodeLoop.Start();
        EchoMember member = await EchoMember.AddAsync(loop);
        loop.Signal(member.Slot!);
        using ItemKey key = ItemKey.Create();
        byte[] buffer = new byte[ItemRules.MaxMessage];
        byte[] message = buffer[..ItemRules.WriteSignedMessage(default, 7, "2:hi"u8, buffer)];
        byte[] signature = key.Sign("2:hi"u8.ToArray(), default, 7, null).Signature.ToArray();
        bool queued = await loop.InvokeAsync(member.Slot, _ =>
            loop.Verifications.TryEnqueue(member.Slot!, 1, key.PublicKey.Span, message, signature)
            && loop.Verifications.TryEnqueue(member.Slot!, 2, key.PublicKey.Span, message.AsSpan(1), signature)
            && loop.Verifications.TryEnqueue(member.Slot!, 3, key.PublicKey.Span, message, signature)
            && !loop.Verifications.TryEnqueue(member.Slot!, 4, key.PublicKey.Span[1..], message, signature));
        Assert.True(queued);
        SpinWait.SpinUntil(() => member.Checks.Count == 3 && member.Signals > 0, TimeSpan.FromSeconds(10));
        Assert.Equal([(1, true), (2, false), (3, true)], member.Checks);
        Assert.Equal(1, member.Signals);
    }

    private static UdpClient Client() => new(new IPEndPoint(IPAddress.Loopback, 0));

    private static IPEndPoint ToIP(Endpoint endpoint) => new(IPAddress.Loopback, endpoint.Port);

    private static async Task<UdpReceiveResult> ReceiveAsync(UdpClient client) =>
        await client.ReceiveAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    private static async Task ExchangeAsync(UdpClient client, EchoMember member, int count)
    {
        IPEndPoint to = ToIP(member.Local);
        byte[] payload = [42];
        for (int i = 0; i < count; i++)
        {
            await client.SendAsync(payload, to, TestContext.Current.CancellationToken);
            await ReceiveAsync(client);
        }
    }
}
