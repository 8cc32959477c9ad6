using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of BIKE-L1 must do besides.</summary>
public abstract class BikeSuite : KemSuite
{
    protected override string VectorFile => "BIKE-L1";

    protected override int UnusedCoins => 32;

    [Fact]
    public void A_key_with_bits_beyond_the_last_coefficient_is_refused()
    {
        using var key = Kem.Generate(new SeededKeyEntropy(21));
        var bytes = EncapsulationKeyOf(key);
        for (var bit = 12323 % 8; bit < 8; bit++)
        {
            bytes[^1] ^= (byte)(1 << bit);
            Assert.False(Kem.TryEncapsulate(bytes, new SeededKeyEntropy(1), new byte[Kem.CiphertextBytes], new byte[32]));
            bytes[^1] ^= (byte)(1 << bit);
        }
    }

    [Fact]
    public void A_seed_gives_the_same_key_again()
    {
        foreach (var vector in Vectors.JsonLines("pqc", VectorFile + ".jsonl.gz").Take(3))
        {
            using var key = Kem.Import(vector.Bytes("keygen_rand"))!;
            Assert.Equal(vector.Bytes("pk"), EncapsulationKeyOf(key));
        }
    }
}

public sealed class ManagedBikeTests : BikeSuite
{
    protected override IKem Kem { get; } = ManagedBike.BikeL1;
}

public sealed class PortableBikeTests : BikeSuite
{
    protected override IKem Kem { get; } = new ManagedBike(VectorWidth.None);
}
