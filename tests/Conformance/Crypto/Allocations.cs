using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>Shows that an operation leaves nothing for the collector.</summary>
internal static class Allocations
{
    /// <summary>Fails when a thousand calls of a warm <paramref name="operation"/> allocate a byte on this thread.</summary>
    public static void AssertNone(Action operation)
    {
        for (var i = 0; i < 10; i++)
        {
            operation();
        }

        // A collection that another thread starts discards the rest of this thread's allocation context, which the counter then
        // takes for allocated. What really allocates does so in every round.
        var least = long.MaxValue;
        for (var round = 0; round < 5 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                operation();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
