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

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            operation();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
