using Kadath.Primitives;
using Kadath.Simulator;
using Kadath.Simulator.Churn;
using Kadath.Simulator.Events;
using Kadath.Simulator.Links;
using Xunit;

namespace Kadath.Tests.Unit.Simulator.Links;

public sealed class LinkModelTests
{
    [Fact]
    public void Random_pairs_of_six_regions_have_the_published_percentiles()
    {
        EntropyTree tree = EntropyTree.FromSeed(1);
        EntropyStream chance = tree.Stream(0);
        var links = new LinkSampler(RttModel.SixRegions, tree.Stream(1));
        Distribution rtt = Distribution.Of(Enumerable.Range(0, 200_000).Select(_ => 2 * SimClock.Milliseconds(links.OneWay(End(), End(), links.DrawJitter()))));
        Assert.InRange(rtt.P50, 134, 136);
        Assert.InRange(rtt.P95, 240, 244);
        Assert.InRange(rtt.P99, 291, 295);

        LinkEnd End() => new(RttModel.SixRegions.DrawRegion(chance), LinkSampler.DrawAccess(chance));
    }

    [Fact]
    public void Losses_and_late_replies_come_as_often_as_stated()
    {
        var links = new LinkSampler(RttModel.Lossy, EntropyTree.FromSeed(2).Stream(0));
        Assert.InRange(Enumerable.Range(0, 200_000).Count(_ => links.Loses()), 1_850, 2_150);
        long[] late = [.. Enumerable.Range(0, 200_000).Select(_ => links.Lateness()).Where(static l => l > 0)];
        Assert.InRange(late.Length, 3_800, 4_200);
        // The median of 100 ms · U^(−1/1.5) is 159 ms.
        Assert.InRange(Distribution.Of(late.Select(static l => SimClock.Milliseconds(l))).P50, 150, 168);
    }

    [Fact]
    public void The_tables_are_the_quantiles_that_they_claim_to_be()
    {
        for (int i = 0; i < 1024; i++)
        {
            double u = (i + 0.5) / 1024;
            Assert.Equal(7000 * Math.Exp(0.8 * Normal(u)), LinkTables.AccessMicroseconds[i], 1.0);
            Assert.Equal(65_536 * Normal(0.5 + (u / 2)), LinkTables.HalfNormal[i], 1.0);
            Assert.Equal(100_000 * Math.Pow(1 - u, -1 / 1.5), LinkTables.LateMicroseconds[i], 1.0);
            Assert.Equal(3.66 * 3_600_000 * Math.Pow(-Math.Log(1 - u), 1 / 0.61), SessionTables.Weibull[i], 2.0);
        }

        // What is left of a session that is met at random: the closed form says that .135 of them last another 22 hours.
        double share = SessionTables.Residual.ToArray().Count(static ms => ms > 22 * 3_600_000L) / 1024.0;
        Assert.InRange(share, 0.134, 0.136);
    }

    [Fact]
    public void A_model_of_ones_own_is_read_from_a_file()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{"name":"two","shares":[400,600],"baseMs":[[10,50],[50,20]],"lossPerMille":5}""");
            RttModel model = RttModelFile.Load(path);
            Assert.Equal(("two", 5, 50), (model.Name, model.LossPerMille, model.JitterPerMille));
            Assert.Equal([10, 50, 50, 20], model.BaseMilliseconds);
            File.WriteAllText(path, """{"shares":[400],"baseMs":[[10]]}""");
            Assert.Throws<ArgumentException>(() => RttModelFile.Load(path));
            File.WriteAllText(path, "[]");
            Assert.Throws<ArgumentException>(() => RttModelFile.Load(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The normal quantile by bisection of its integral.</summary>
    private static double Normal(double u)
    {
        double low = -9, high = 9;
        while (high - low > 1e-12)
        {
            double middle = (low + high) / 2;
            (low, high) = Phi(middle) < u ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The normal integral by its power series (Marsaglia 2004), good to fourteen digits where it is used.</summary>
    private static double Phi(double x)
    {
        double sum = x, term = x;
        for (int i = 3; Math.Abs(term) > 1e-17; i += 2)
        {
            term *= x * x / i;
            sum += term;
        }

        return 0.5 + (sum * Math.Exp((-x * x / 2) - 0.91893853320467274178));
    }
}
