using System.Reflection;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

public sealed class CryptoProviderTests
{
    [Fact]
    public void The_list_of_primitives_names_every_field_once()
    {
        var fields = typeof(CryptoProvider).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.PropertyType.IsAssignableTo(typeof(IPrimitive)))
            .Select(property => property.GetValue(CryptoProvider.Default))
            .ToHashSet();
        Assert.NotEmpty(fields);
        Assert.Equal(fields, CryptoProvider.Default.Primitives.Select(primitive => (object?)primitive.Fill).ToHashSet());
        Assert.Equal(fields.Count, CryptoProvider.Default.Primitives.Select(primitive => primitive.Primitive).Distinct().Count());
    }

    [Fact]
    public void The_managed_provider_is_managed_throughout() =>
        Assert.All(CryptoProvider.Managed.Primitives, primitive => Assert.Equal(Fills.Managed, primitive.Fill.Fill));

    [Fact]
    public void One_primitive_can_be_forced_and_the_others_stay()
    {
        var forced = CryptoProvider.Default with { Sha1 = new BclSha1() };
        Assert.Equal(Fills.Bcl, forced.Sha1.Fill);
        Assert.Same(CryptoProvider.Default.Sha256, forced.Sha256);
    }

    [Fact]
    public void The_length_decides_between_two_fills()
    {
        var hash = new HashByLength(new Marker(1), new Marker(2), longFrom: 10);
        var digest = new byte[1];
        hash.Hash(new byte[9], digest);
        Assert.Equal(1, digest[0]);
        hash.Hash(new byte[10], digest);
        Assert.Equal(2, digest[0]);
        Assert.Throws<ArgumentException>(() => new HashByLength(new ManagedSha1(), new ManagedSha256(), 1));
    }

    /// <summary>Writes its number instead of a digest.</summary>
    private sealed class Marker(byte number) : IHash
    {
        public string Fill => "marker";

        public int DigestLength => 1;

        public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => digest[0] = number;

        public RunningHash Start() => throw new NotSupportedException();
    }
}
