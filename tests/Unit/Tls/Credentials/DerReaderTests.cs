using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls.Credentials;

public sealed class DerReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("3001")] // no content
    [InlineData("308000")] // indefinite length
    [InlineData("308101ff")] // a long form where the short one would do
    [InlineData("30820001ff")] // a leading zero in the length
    [InlineData("3084000000010000")] // four bytes of length
    [InlineData("1f8100")] // a tag of several bytes
    [InlineData("0000")] // end of contents, which definite lengths do not have
    public void What_is_not_strict_DER_is_refused(string hex)
    {
        DerReader reader = new(Convert.FromHexString(hex));
        Assert.False(reader.TryReadAny(out _, out _, out _));
    }

    [Fact]
    public void A_refused_element_stays_where_it_was()
    {
        DerReader reader = new([0x02, 0x02, 0x00, 0x7f, 0x01, 0x01, 0x01]);
        Assert.False(reader.TryReadNatural(out _)); // a leading zero that the sign does not need
        Assert.Equal(DerTag.Integer, reader.PeekTag);
        Assert.True(reader.TryReadAny(out _, out _, out _));
        Assert.False(reader.TryReadBoolean(out _)); // neither 0x00 nor 0xff
        Assert.True(reader.TryRead(DerTag.Boolean, out ReadOnlySpan<byte> content));
        Assert.Equal([1], content.ToArray());
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData("020100", "00")]
    [InlineData("02017f", "7f")]
    [InlineData("02020080", "80")]
    [InlineData("020180", null)] // negative
    [InlineData("0200", null)]
    public void Naturals_are_read_without_their_sign(string hex, string? magnitude)
    {
        DerReader reader = new(Convert.FromHexString(hex));
        bool ok = reader.TryReadNatural(out ReadOnlySpan<byte> value);
        Assert.Equal(magnitude, ok ? Convert.ToHexStringLower(value) : null);
    }

    [Theory]
    [InlineData("170d3439313233313233353935395a", 2049, 12, 31)]
    [InlineData("170d3530303130313030303030305a", 1950, 1, 1)]
    [InlineData("180f32303530303232383030303030305a", 2050, 2, 28)]
    public void Both_forms_of_time_are_read(string hex, int year, int month, int day)
    {
        DerReader reader = new(Convert.FromHexString(hex));
        Assert.True(reader.TryReadTime(out DateTimeOffset time));
        Assert.Equal((year, month, day), (time.Year, time.Month, time.Day));
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Theory]
    [InlineData("170b343931323331323335395a")] // no seconds
    [InlineData("170d3439313333313233353935395a")] // month 13
    [InlineData("170d3439303233303233353935395a")] // 30 February
    [InlineData("170d3439313233313234303030305a")] // hour 24
    [InlineData("180f30303030303130313030303030305a")] // year 0
    [InlineData("1711343931323331323335393539 2b30303030")] // an offset
    [InlineData("160d3439313233313233353935395a")] // another string
    public void Other_times_are_refused(string hex)
    {
        DerReader reader = new(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.False(reader.TryReadTime(out _));
    }

    [Theory]
    [InlineData("03020780", 0x8000)]
    [InlineData("03020106", 0x0600)]
    [InlineData("0303070080", 0x0080)]
    [InlineData("030100", 0)]
    [InlineData("03020781", -1)] // an unused bit is set
    [InlineData("03020880", -1)]
    [InlineData("030107", -1)]
    [InlineData("0300", -1)]
    public void Named_bits_are_read_from_the_left(string hex, int expected)
    {
        DerReader reader = new(Convert.FromHexString(hex));
        Assert.Equal(expected, reader.TryReadNamedBits(out ushort bits) ? bits : -1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void What_the_writer_nests_the_reader_unpacks(int length)
    {
        byte[] content = new byte[length];
        byte[] written = new DerWriter().Begin(DerTag.Sequence).Begin(DerTag.ContextConstructed(3)).Element(DerTag.OctetString, content).End().Natural([0, 0, 0x80]).End().ToArray();
        DerReader reader = new(written);
        Assert.True(reader.TryEnter(DerTag.Sequence, out DerReader outer) && reader.AtEnd);
        Assert.True(outer.TryEnter(DerTag.ContextConstructed(3), out DerReader inner));
        Assert.True(inner.TryRead(DerTag.OctetString, out ReadOnlySpan<byte> read) && inner.AtEnd);
        Assert.Equal(length, read.Length);
        Assert.True(outer.TryReadSmall(out int number) && outer.AtEnd);
        Assert.Equal(128, number);
    }
}
