using Kadath.Primitives;
using Kadath.Simulator.Events;
using Xunit;

namespace Kadath.Tests.Unit.Simulator.Events;

public sealed class TraceHashTests
{
    [Fact]
    public void Every_bit_of_an_event_counts()
    {
        byte[] bytes = new byte[53];
        EntropyTree.FromSeed(1).Stream(0).Fill(bytes);
        HashSet<string> hashes = [Of(1, EventKind.Arrival, 2, 3, bytes), Of(2, EventKind.Arrival, 2, 3, bytes), Of(1, EventKind.Lost, 2, 3, bytes), Of(1, EventKind.Arrival, 3, 2, bytes)];
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            hashes.Add(Of(1, EventKind.Arrival, 2, 3, bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        // A shorter datagram is not the longer one with zeros.
        hashes.Add(Of(1, EventKind.Arrival, 2, 3, new byte[20]));
        hashes.Add(Of(1, EventKind.Arrival, 2, 3, new byte[21]));
        Assert.Equal(6 + (53 * 8), hashes.Count);
    }

    [Fact]
    public void Order_counts()
    {
        TraceHash one = default, other = default;
        one.Add(1, EventKind.Wake, 1, 1, default);
        one.Add(1, EventKind.Wake, 2, 2, default);
        other.Add(1, EventKind.Wake, 2, 2, default);
        other.Add(1, EventKind.Wake, 1, 1, default);
        Assert.NotEqual(one.ToString(), other.ToString());
    }

    [Fact]
    public void The_hash_is_the_same_on_every_platform() =>
        Assert.Equal("d0cf4cc2def4a7631132ca898425635d", Of(77, EventKind.Arrival, 5, 6, "a datagram of some thirty bytes"u8));

    private static string Of(long time, EventKind kind, int source, int destination, ReadOnlySpan<byte> bytes)
    {
        TraceHash hash = default;
        hash.Add(time, kind, source, destination, bytes);
        return hash.ToString();
    }
}
