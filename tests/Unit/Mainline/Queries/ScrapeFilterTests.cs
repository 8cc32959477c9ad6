using Kadath.Crypto;
using Kadath.Mainline.Queries;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Queries;

public sealed class ScrapeFilterTests
{
    [Fact]
    public void The_vector_of_BEP_33_holds()
    {
        byte[] filter = new byte[256];
        for (uint i = 0; i <= 255; i++)
        {
            Insert(filter, Endpoint.V4(0xc0000200 + i, 1));
        }

        for (uint i = 0; i <= 0x3e7; i++)
        {
            Insert(filter, Endpoint.V6(0x20010db8_00000000, i, 1));
        }

        Assert.Equal("f6c3f5eaa07ffd91bde89f777f26fb2b", Convert.ToHexStringLower(filter[..16]));
        Assert.InRange(ScrapeFilter.Estimate(filter), 1224.9308, 1224.9309);
    }

    [Fact]
    public void An_empty_filter_is_nobody_and_a_full_one_stays_finite()
    {
        byte[] filter = new byte[256];
        Assert.Equal(0, ScrapeFilter.Estimate(filter));
        Array.Fill(filter, byte.MaxValue);
        Assert.InRange(ScrapeFilter.Estimate(filter), 7000, 8000);
    }

    [Fact]
    public void Merging_counts_an_address_once()
    {
        byte[] a = new byte[256], b = new byte[256];
        for (uint i = 0; i < 100; i++)
        {
            Insert(a, Endpoint.V4(i, 1));
            Insert(b, Endpoint.V4(i + 50, 1));
        }

        ScrapeFilter.Merge(a, b);
        Assert.InRange(ScrapeFilter.Estimate(a), 135, 165);
    }

    private static void Insert(byte[] filter, in Endpoint address) => ScrapeFilter.Insert(filter, ScrapeFilter.HashOf(address, CryptoProvider.Default.Sha1));
}
