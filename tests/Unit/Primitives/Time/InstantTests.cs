using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Primitives.Time;

public sealed class InstantTests
{
    [Fact]
    public void Spans_and_instants_add_up()
    {
        Instant start = Instant.FromSeconds(100), later = start + TimeSpan.FromSeconds(2.5);
        Assert.Equal(TimeSpan.FromSeconds(2.5), later - start);
        Assert.Equal(start, later - TimeSpan.FromSeconds(2.5));
        Assert.Equal(102u, later.Seconds);
        Assert.True(start < later && later > start && start <= later && later >= start);
        Assert.Equal((start, later), (Instant.Min(later, start), Instant.Max(start, later)));
        Assert.Equal("102.500s", later.ToString());
    }

    [Fact]
    public void Never_stays_never()
    {
        Assert.True((Instant.Never + TimeSpan.FromDays(-1)).IsNever);
        Assert.True((Instant.Never - TimeSpan.FromDays(1)).IsNever);
        Assert.True((new Instant(long.MaxValue - 5) + TimeSpan.FromSeconds(1)).IsNever);
        Assert.Equal(Instant.Zero, Instant.Min(Instant.Never, Instant.Zero));
        Assert.Equal("never", Instant.Never.ToString());
    }
}
