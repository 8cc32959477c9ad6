using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Primitives.Time;

public sealed class DeadlineHeapTests
{
    [Fact]
    public void Whatever_changes_the_heap_agrees_with_a_dictionary()
    {
        Random random = new(7);
        DeadlineHeap heap = new();
        Dictionary<int, Instant> model = [];
        for (int i = 0; i < 5000; i++)
        {
            int slot = random.Next(200);
            switch (random.Next(6))
            {
                case 0:
                    Assert.Equal(model.Remove(slot), heap.Remove(slot));
                    break;
                case 1:
                    heap.Set(slot, Instant.Never);
                    model.Remove(slot);
                    break;
                case 2:
                    Instant now = Instant.FromSeconds((uint)random.Next(100));
                    (int Slot, Instant At) due = First(model);
                    Assert.Equal(due.At <= now, heap.TryTake(now, out int taken));
                    Assert.Equal(due.At <= now ? due.Slot : -1, taken);
                    model.Remove(taken);
                    break;
                default:
                    Instant at = Instant.FromSeconds((uint)random.Next(1000));
                    heap.Set(slot, at);
                    model[slot] = at;
                    break;
            }

            (int Slot, Instant At) first = First(model);
            Assert.Equal((model.Count, first.At), (heap.Count, heap.Earliest));
            Assert.Equal(model.Count > 0, heap.TryPeek(out int peeked));
            Assert.Equal(first.Slot, peeked);
        }
    }

    [Fact]
    public void Equal_deadlines_leave_in_the_order_of_their_slots()
    {
        DeadlineHeap heap = new();
        foreach (int slot in (int[])[5, 3, 9, 0, 7])
        {
            heap.Set(slot, Instant.FromSeconds(1));
        }

        List<int> taken = [];
        while (heap.TryTake(Instant.FromSeconds(1), out int slot))
        {
            taken.Add(slot);
        }

        Assert.Equal([0, 3, 5, 7, 9], taken);
    }

    private static (int Slot, Instant At) First(Dictionary<int, Instant> model)
    {
        (int Slot, Instant At) first = (-1, Instant.Never);
        foreach ((int slot, Instant at) in model)
        {
            first = at < first.At || (at == first.At && slot < first.Slot) ? (slot, at) : first;
        }

        return first;
    }
}
