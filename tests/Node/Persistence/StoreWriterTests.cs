using System.Diagnostics;
using Kadath.Kademlia.Storage;
using Kadath.Node;
using Xunit;

namespace Kadath.Tests.Node.Persistence;

/// <summary>Writing behind the loop: promptness, order, slow and broken disks.</summary>
public sealed class StoreWriterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void What_somebody_waits_for_is_written_at_once()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store);
        Stopwatch watch = Stopwatch.StartNew();
        long number = writer.TryWrite(urgent: true, 0, [1], [2], long.MaxValue);
        WriteProgress progress = Await(writer);
        Assert.Equal(new WriteProgress(number, true), progress);
        Assert.True(watch.Elapsed < StoreWriter.Gather, $"took {watch.Elapsed}");
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void What_nobody_waits_for_is_gathered_and_written_within_a_second()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store);
        Stopwatch watch = Stopwatch.StartNew();
        for (byte i = 0; i < 50; i++)
        {
            Assert.Equal(i + 1, writer.TryWrite(urgent: false, 1, [i], [2], long.MaxValue));
            Thread.Sleep(1);
        }

        Assert.True(SpinWait.SpinUntil(() => store.Count == 50, TimeSpan.FromSeconds(1)), $"{store.Count} after {watch.Elapsed}");
        Assert.InRange(store.Batches, 1, 3);
    }

    [Fact]
    public void What_was_written_is_forced_to_the_medium_within_a_second_and_only_then()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store);
        for (byte i = 0; i < 20; i++)
        {
            writer.TryWrite(urgent: true, 0, [i], [2], long.MaxValue);
            Await(writer);
        }

        Stopwatch watch = Stopwatch.StartNew();
        Assert.True(SpinWait.SpinUntil(() => store.Flushes == 1, Patience), $"{store.Flushes} flushes");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"took {watch.Elapsed}");
        Thread.Sleep(1500);
        Assert.Equal(1, store.Flushes);
    }

    [Fact]
    public void More_expired_records_than_a_round_deletes_are_deleted_in_the_next_rounds()
    {
        FaultyStore store = new() { Expired = 4500 };
        using StoreWriter writer = New(store);
        Assert.True(SpinWait.SpinUntil(() => store.Expired == 0, Patience), $"{store.Expired} are left");
    }

    [Fact]
    public void An_urgent_change_takes_earlier_ones_with_it_in_order()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store);
        writer.TryWrite(urgent: false, 0, [1], [1], long.MaxValue);
        writer.TryWrite(urgent: false, 0, [1], [2], long.MaxValue);
        writer.TryWrite(urgent: false, 0, [2], [3], long.MaxValue);
        long last = writer.TryWrite(urgent: true, 0, [2], [], long.MaxValue);
        while (Await(writer).Through < last)
        {
        }

        Assert.Equal(1, store.Count);
        store.Load("first", 0, (_, value, _) => Assert.Equal([2], value.ToArray()));
    }

    [Fact]
    public void A_slow_disk_never_holds_up_the_caller()
    {
        FaultyStore store = new() { DelayMilliseconds = 400 };
        using StoreWriter writer = New(store);
        long worst = 0;
        for (int i = 0; i < 200; i++)
        {
            long start = Stopwatch.GetTimestamp();
            writer.TryWrite(urgent: true, 0, BitConverter.GetBytes(i), new byte[500], long.MaxValue);
            worst = Math.Max(worst, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Assert.True(worst < 200, $"a call took {worst} ms");
        store.DelayMilliseconds = 0;
        Assert.True(SpinWait.SpinUntil(() => store.Count == 200, Patience));
    }

    [Fact]
    public void When_the_ring_is_full_changes_are_refused_and_counted()
    {
        FaultyStore store = new() { DelayMilliseconds = 300 };
        using StoreWriter writer = New(store);
        int accepted = 0, refused = 0;
        for (int i = 0; i < 40_000; i++)
        {
            _ = writer.TryWrite(urgent: false, 0, BitConverter.GetBytes(i), new byte[1000], long.MaxValue) == 0 ? refused++ : accepted++;
        }

        store.DelayMilliseconds = 0;
        Assert.True(refused > 1000);
        Assert.Equal(refused, writer.Status.Lost);
        Assert.True(SpinWait.SpinUntil(() => store.Count == accepted, Patience));
    }

    [Fact]
    public void A_broken_disk_means_declared_memory_only_mode_until_it_works_again()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store);
        store.Broken = true;
        writer.TryWrite(urgent: true, 0, [1], [1], long.MaxValue);
        Assert.False(Await(writer).Durable);
        Assert.True(writer.Degraded);
        Assert.Equal(StoreMode.Degraded, writer.Status.Mode);
        Assert.Contains("no space left", writer.Status.Alarm, StringComparison.Ordinal);
        store.Broken = false;
        Assert.True(SpinWait.SpinUntil(() => !writer.Degraded, Patience));
        Assert.Equal(2, store.Opened + 1);
        long number = writer.TryWrite(urgent: true, 0, [2], [2], long.MaxValue);
        Assert.Equal(new WriteProgress(number, true), Await(writer));
        Assert.Contains("1 changes before that are in memory only", writer.Status.Alarm, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_cannot_be_opened_at_first_is_tried_again()
    {
        FaultyStore store = new() { Broken = true };
        using StoreWriter writer = new(store.Open, null, "broken", ["first", "second"], false, () => { });
        Assert.Equal((StoreMode.Degraded, "broken"), (writer.Status.Mode, writer.Status.Alarm));
        store.Broken = false;
        Assert.True(SpinWait.SpinUntil(() => !writer.Degraded, Patience));
        Assert.Null(writer.Status.Alarm);
    }

    [Fact]
    public void Stopping_writes_what_waits()
    {
        FaultyStore store = new();
        StoreWriter writer = New(store);
        writer.TryWrite(urgent: false, 0, [1], [1], long.MaxValue);
        Assert.True(writer.Stop(TimeSpan.FromSeconds(3)));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void The_ring_gives_back_what_was_put_in_in_order()
    {
        Random random = new(11);
        ChangeRing ring = new(4096);
        Queue<(ChangeHeader Header, byte[] Key, byte[] Value)> model = new();
        for (long i = 1; i < 20_000; i++)
        {
            byte[] key = new byte[random.Next(1, 60)], value = new byte[random.Next(0, 600)];
            random.NextBytes(key);
            random.NextBytes(value);
            ChangeHeader header = new(i, random.Next(2) == 0, (byte)random.Next(4), random.NextInt64());
            if (ring.TryWrite(header, key, value))
            {
                model.Enqueue((header, key, value));
            }
            else
            {
                Assert.NotEmpty(model);
            }

            while (model.Count > 0 && random.Next(3) > 0)
            {
                Assert.True(ring.TryPeek(out ChangeHeader got, out ReadOnlySpan<byte> gotKey, out ReadOnlySpan<byte> gotValue));
                (ChangeHeader expected, byte[] expectedKey, byte[] expectedValue) = model.Dequeue();
                Assert.Equal(expected, got);
                Assert.True(gotKey.SequenceEqual(expectedKey) && gotValue.SequenceEqual(expectedValue));
                ring.Advance();
            }
        }
    }

    private static StoreWriter New(FaultyStore store) => new(store.Open, store, null, ["first", "second"], false, () => { });

    private static WriteProgress Await(StoreWriter writer)
    {
        WriteProgress progress = default;
        Assert.True(SpinWait.SpinUntil(() => writer.TryTakeProgress(out progress), Patience));
        return progress;
    }
}
