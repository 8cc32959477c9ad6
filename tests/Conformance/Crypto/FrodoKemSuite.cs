using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of FrodoKEM must do besides.</summary>
public abstract class FrodoKemSuite : KemSuite
{
    protected override string? WhyItAllocates => VectorFile.EndsWith("AES", StringComparison.Ordinal) && !X86AesInstructions.IsSupported && !ArmAesInstructions.IsSupported
        ? "the platform's AES allocates, and this processor has no instructions for it"
        : null;

    [Fact]
    public void The_expanded_key_of_a_vector_is_taken_and_one_that_was_changed_is_not()
    {
        var vector = Vectors.JsonLines("pqc", VectorFile + ".jsonl.gz").First();
        var expanded = vector.Bytes("sk");
        using (var key = Kem.Import(expanded)!)
        {
            Assert.Equal(vector.Bytes("pk"), EncapsulationKeyOf(key));
            var secret = new byte[Kem.SecretBytes];
            Assert.True(key.TryDecapsulate(vector.Bytes("ct"), secret));
            Assert.Equal(vector.Bytes("ss"), secret);
        }

        expanded[^1] ^= 1;
        Assert.Null(Kem.Import(expanded));
        expanded[^1] ^= 1;
        expanded[100] ^= 1;
        Assert.Null(Kem.Import(expanded));
    }
}

public sealed class ManagedFrodo640ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Frodo640Shake;

    protected override string VectorFile => "FrodoKEM-640-SHAKE";
}

public sealed class NarrowFrodo640ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = new ManagedFrodoKem(FrodoParameters.Frodo640Shake, VectorWidth.Bits256);

    protected override string VectorFile => "FrodoKEM-640-SHAKE";
}

public sealed class PortableFrodo640ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = new ManagedFrodoKem(FrodoParameters.Frodo640Shake, VectorWidth.None);

    protected override string VectorFile => "FrodoKEM-640-SHAKE";
}

public sealed class ManagedFrodo640AesTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Frodo640Aes;

    protected override string VectorFile => "FrodoKEM-640-AES";
}

public sealed class ManagedFrodo976ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Frodo976Shake;

    protected override string VectorFile => "FrodoKEM-976-SHAKE";
}

public sealed class NarrowFrodo976ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = new ManagedFrodoKem(FrodoParameters.Frodo976Shake, VectorWidth.Bits256);

    protected override string VectorFile => "FrodoKEM-976-SHAKE";
}

public sealed class PortableFrodo976ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = new ManagedFrodoKem(FrodoParameters.Frodo976Shake, VectorWidth.None);

    protected override string VectorFile => "FrodoKEM-976-SHAKE";
}

public sealed class ManagedFrodo976AesTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Frodo976Aes;

    protected override string VectorFile => "FrodoKEM-976-AES";
}

public sealed class ManagedEphemeral640ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Ephemeral640Shake;

    protected override string VectorFile => "eFrodoKEM-640-SHAKE";
}

public sealed class ManagedEphemeral640AesTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Ephemeral640Aes;

    protected override string VectorFile => "eFrodoKEM-640-AES";
}

public sealed class ManagedEphemeral976ShakeTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Ephemeral976Shake;

    protected override string VectorFile => "eFrodoKEM-976-SHAKE";
}

public sealed class ManagedEphemeral976AesTests : FrodoKemSuite
{
    protected override IKem Kem { get; } = ManagedFrodoKem.Ephemeral976Aes;

    protected override string VectorFile => "eFrodoKEM-976-AES";
}

/// <summary>The ways to make A by AES agree.</summary>
public sealed class FrodoMatrixTests
{
    [Fact]
    public void The_platforms_cipher_gives_the_rows_that_the_processors_instructions_give()
    {
        var matrix = new FrodoMatrix(FrodoParameters.Frodo976Aes, VectorWidth.Bits512);
        var (rows, reference) = (new ushort[8 * 976], new ushort[8 * 976]);
        var seed = new byte[16];
        new SeededKeyEntropy(1).Fill(seed);
        foreach (var first in new[] { 0, 8, 968 })
        {
            matrix.Expand(seed, first, rows);
            FrodoMatrix.ExpandByPlatform(seed, first, reference);
            Assert.Equal(reference, rows);
        }
    }
}
