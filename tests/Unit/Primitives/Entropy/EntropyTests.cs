using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Primitives.Entropy;

public sealed class EntropyTests
{
    [Fact]
    public void One_integer_reproduces_everything()
    {
        byte[] a = new byte[1000], b = new byte[1000], c = new byte[1000];
        EntropyTree.FromSeed(7).Child(3).Stream(5).Fill(a);
        EntropyTree.FromSeed(7).Child(3).Stream(5).Fill(b);
        EntropyTree.FromSeed(8).Child(3).Stream(5).Fill(c);
        Assert.Equal(a, b);
        Assert.NotEqual(a, c);
    }

    [Fact]
    public void Siblings_children_and_streams_are_unrelated()
    {
        EntropyTree tree = EntropyTree.FromSeed(1);
        ulong[] firsts =
        [
            tree.Stream(0).NextUInt64(), tree.Stream(1).NextUInt64(), tree.Child(0).Stream(0).NextUInt64(), tree.Child(1).Stream(0).NextUInt64(),
            tree.Child(0).Child(0).Stream(0).NextUInt64(),
        ];
        Assert.Equal(firsts.Length, firsts.Distinct().Count());
    }

    [Fact]
    public void The_size_of_the_draws_does_not_change_the_stream()
    {
        byte[] whole = new byte[300], parts = new byte[300];
        EntropyTree.FromSeed(2).Stream(0).Fill(whole);
        EntropyStream stream = EntropyTree.FromSeed(2).Stream(0);
        for (int at = 0, step = 1; at < parts.Length; at += step, step = Math.Min(step + 7, parts.Length - at))
        {
            stream.Fill(parts.AsSpan(at, step));
        }

        Assert.Equal(whole, parts);
    }

    [Fact]
    public void Bounded_draws_are_uniform_and_below_their_bound()
    {
        EntropyStream stream = EntropyTree.FromSeed(3).Stream(0);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++)
        {
            counts[stream.NextBelow(7)]++;
        }

        Assert.All(counts, static count => Assert.InRange(count, 9_500, 10_500));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextBelow(0));
        Assert.InRange(stream.NextBelow(TimeSpan.FromSeconds(1)), TimeSpan.Zero, TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
    }

    [Fact]
    public void A_root_takes_exactly_32_bytes()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EntropyTree.FromSecret(new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => EntropyTree.FromSecret(new byte[33]));
        byte[] secret = new byte[32];
        ulong zero = EntropyTree.FromSecret(secret).Stream(0).NextUInt64();
        secret[31] = 1;
        Assert.NotEqual(zero, EntropyTree.FromSecret(secret).Stream(0).NextUInt64());
    }
}
