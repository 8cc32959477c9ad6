using System.Collections.Concurrent;
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
        // On a busy machine any one may take long: what is gathered first never takes less than that.
        TimeSpan least = TimeSpan.MaxValue;
        for (int i = 0; i < 100 && least >= StoreWriter.Gather; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            long number = writer.TryWrite(urgent: true, 0, [1], [2], 0, long.MaxValue);
            WriteProgress progress = Await(writer);
            least = watch.Elapsed < least ? watch.Elapsed : least;
            Assert.Equal(new WriteProgress(number, true), progress);
            Assert.Equal(1, store.Count);
        }

        Assert.True(least < StoreWriter.Gather, $"took {least}");
    }

    [Fact]
    public void What_nobody_waits_for_is_gathered_and_written_within_a_second()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store);
        Stopwatch watch = Stopwatch.StartNew();
        for (byte i = 0; i < 50; i++)
        {
            Assert.Equal(i + 1, writer.TryWrite(urgent: false, 1, [i], [2], 0, long.MaxValue));
            Thread.Sleep(1);
        }

        Assert.True(SpinWait.SpinUntil(() => store.Count == 50, Patience), $"{store.Count} after {watch.Elapsed}");
        // One as they began, one as they ended, and one for each time of gathering between: on a busy machine that may be some.
        Assert.InRange(store.Batches, 1, 2 + (int)(watch.Elapsed / StoreWriter.Gather));
        Assert.True(StoreWriter.Gather < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void What_was_written_is_forced_to_the_medium_within_a_second_and_only_then()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store);
        Stopwatch watch = Stopwatch.StartNew();
        for (byte i = 0; i < 20; i++)
        {
            writer.TryWrite(urgent: true, 0, [i], [2], 0, long.MaxValue);
            Await(writer);
        }

        // Nothing else wakes the writer within a minute.
        int during = store.Flushes;
        Assert.True(SpinWait.SpinUntil(() => store.Flushes > during, Patience), "not forced to the medium");
        Assert.InRange(store.Flushes, 1, 2 + (int)(watch.Elapsed.TotalSeconds / 0.7));
        Thread.Sleep(1500);
        int after = store.Flushes;
        Thread.Sleep(1500);
        Assert.Equal(after, store.Flushes);
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
        writer.TryWrite(urgent: false, 0, [1], [1], 0, long.MaxValue);
        writer.TryWrite(urgent: false, 0, [1], [2], 0, long.MaxValue);
        writer.TryWrite(urgent: false, 0, [2], [3], 0, long.MaxValue);
        long last = writer.TryWrite(urgent: true, 0, [2], [], 0, long.MaxValue);
        while (Await(writer).Through < last)
        {
        }

        Assert.Equal(1, store.Count);
        store.Load("first", 0, (_, value, _, _) => Assert.Equal([2], value.ToArray()));
    }

    [Fact]
    public void A_slow_disk_never_holds_up_the_caller()
    {
        FaultyStore store = new() { DelayMilliseconds = 400 };
        using StoreWriter writer = New(store);
        int slow = 0;
        for (int i = 0; i < 200; i++)
        {
            long start = Stopwatch.GetTimestamp();
            writer.TryWrite(urgent: true, 0, BitConverter.GetBytes(i), new byte[500], 0, long.MaxValue);
            slow += Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(store.DelayMilliseconds) ? 1 : 0;
        }

        // One that waited for the disk would not be alone; one that waited for a busy machine is.
        Assert.InRange(slow, 0, 5);
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
            _ = writer.TryWrite(urgent: false, 0, BitConverter.GetBytes(i), new byte[1000], 0, long.MaxValue) == 0 ? refused++ : accepted++;
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
        writer.TryWrite(urgent: true, 0, [1], [1], 0, long.MaxValue);
        Assert.False(Await(writer).Durable);
        Assert.True(writer.Degraded);
        Assert.Equal(StoreMode.Degraded, writer.Status.Mode);
        Assert.Contains("no space left", writer.Status.Alarm, StringComparison.Ordinal);
        store.Broken = false;
        Assert.True(SpinWait.SpinUntil(() => !writer.Degraded, Patience));
        Assert.Equal(1, store.Opened);
        Assert.Null(writer.Status.Alarm);
        long number = writer.TryWrite(urgent: true, 0, [2], [2], 0, long.MaxValue);
        Assert.Equal(new WriteProgress(number, true), Await(writer));
    }

    [Fact]
    public void What_came_while_the_disk_was_broken_is_written_when_it_works_again()
    {
        FaultyStore store = new();
        store.Apply([new("first", [9], [9], long.MaxValue)]);
        using StoreWriter writer = New(store);
        store.Broken = true;
        writer.TryWrite(urgent: true, 0, [1], [1], 7, long.MaxValue);
        Await(writer);
        writer.TryWrite(urgent: false, 0, [1], [2], 8, long.MaxValue);
        writer.TryWrite(urgent: false, 0, [2], [3], 0, long.MaxValue);
        writer.TryWrite(urgent: false, 1, [1], [4], 0, long.MaxValue);
        writer.TryWrite(urgent: false, 0, [9], [], 0, 0);
        while (Await(writer).Through < 5)
        {
        }

        Assert.Equal((StoreMode.Degraded, 0L, 4), (writer.Status.Mode, writer.Status.Lost, writer.Status.Pending));
        store.Broken = false;
        Assert.True(SpinWait.SpinUntil(() => !writer.Degraded, Patience));
        Assert.Equal(("01=02 of 8", "02=03 of 0"), (store.Text("first")[0], store.Text("first")[1]));
        Assert.Equal(2, store.Text("first").Length);
        Assert.Equal(["01=04 of 0"], store.Text("second"));
        Assert.Equal((StoreMode.Durable, null, 0, 4L), (writer.Status.Mode, writer.Status.Alarm, writer.Status.Pending, writer.Status.Written));
    }

    [Fact]
    public void What_does_not_fit_while_the_disk_is_broken_is_counted_and_the_alarm_stays()
    {
        FaultyStore store = new();
        using StoreWriter writer = New(store, journalBytes: 10 * (160 + 1 + 39));
        store.Broken = true;
        for (byte i = 0; i < 15; i++)
        {
            writer.TryWrite(urgent: i == 14, 0, [i], new byte[39], 0, long.MaxValue);
        }

        while (Await(writer).Through < 15)
        {
        }

        Assert.Equal((5L, 10), (writer.Status.Lost, writer.Status.Pending));
        store.Broken = false;
        Assert.True(SpinWait.SpinUntil(() => !writer.Degraded, Patience));
        Assert.Equal(10, store.Count);
        Assert.Contains("5 changes before that did not fit", writer.Status.Alarm, StringComparison.Ordinal);
    }

    [Fact]
    public void What_expired_while_it_waited_makes_room()
    {
        ChangeJournal journal = new(3 * 162);
        Assert.True(journal.TryAdd(new("first", [1], [1], 100), 50));
        Assert.True(journal.TryAdd(new("first", [2], [1], 200), 50));
        Assert.True(journal.TryAdd(new("first", [2], [2], 200), 50));
        Assert.True(journal.TryAdd(new("first", [3], [1], 200), 50));
        Assert.True(journal.TryAdd(new("first", [4], [1], 200), 150));
        Assert.False(journal.TryAdd(new("first", [5], [1], 200), 150));
        Assert.Equal(3, journal.Count);
    }

    [Fact]
    public void A_store_that_opens_late_is_loaded_in_portions_and_what_was_deleted_meanwhile_stays_deleted()
    {
        FaultyStore store = new();
        for (byte i = 0; i < 150; i++)
        {
            store.Apply([new("second", [i], [i], long.MaxValue, i)]);
        }

        store.Apply([new("first", [1], [1], long.MaxValue)]);
        store.Broken = true;
        ConcurrentQueue<LoadedRecord[]> taken = new();
        using StoreWriter writer = new(new()
        {
            Open = store.Open,
            Store = null,
            Alarm = "broken",
            Collections = ["first", "second"],
            LoadedLate = [1],
            Take = portion =>
            {
                taken.Enqueue(portion);
                return true;
            },
        });
        writer.TryWrite(urgent: false, 1, [3], [], 0, 0);
        writer.TryWrite(urgent: false, 1, [200], [5], 0, long.MaxValue);
        while (Await(writer).Through < 2)
        {
        }

        store.Broken = false;
        Assert.True(SpinWait.SpinUntil(() => !writer.Degraded, Patience));
        Assert.All(taken, portion => Assert.InRange(portion.Length, 1, 64));
        LoadedRecord[] all = [.. taken.SelectMany(portion => portion)];
        Assert.Equal([.. Enumerable.Range(0, 150).Where(i => i != 3)], all.Select(record => (int)record.Source));
        Assert.All(all, record => Assert.Equal((1, record.Source), (record.Collection, record.Key[0])));
        Assert.Equal(151, store.Count);
        Assert.Null(writer.Status.Alarm);
    }

    [Fact]
    public void Stopping_gives_a_store_that_works_again_what_waited_for_it()
    {
        FaultyStore store = new();
        StoreWriter writer = New(store);
        store.Broken = true;
        writer.TryWrite(urgent: true, 0, [1], [1], 0, long.MaxValue);
        Await(writer);
        store.Broken = false;
        Assert.True(writer.Stop(Patience));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void A_store_that_cannot_be_opened_at_first_is_tried_again()
    {
        FaultyStore store = new() { Broken = true };
        using StoreWriter writer = new(new() { Open = store.Open, Store = null, Alarm = "broken", Collections = ["first", "second"] });
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
        writer.TryWrite(urgent: false, 0, [1], [1], 0, long.MaxValue);
        Assert.True(writer.Stop(Patience));
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
            ChangeHeader header = new(i, random.Next(2) == 0, (byte)random.Next(4), (ulong)random.NextInt64(), random.NextInt64());
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

    private static StoreWriter New(FaultyStore store, long journalBytes = 1 << 20) =>
        new(new() { Open = store.Open, Store = store, Collections = ["first", "second"], JournalBytes = journalBytes });

    private static WriteProgress Await(StoreWriter writer)
    {
        WriteProgress progress = default;
        Assert.True(SpinWait.SpinUntil(() => writer.TryTakeProgress(out progress), Patience));
        return progress;
    }
}
