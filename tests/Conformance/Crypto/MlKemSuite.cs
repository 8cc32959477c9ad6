using System.Text.Json;
using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of ML-KEM must do besides: the checks of inputs that FIPS 203 section 7 asks for.</summary>
public abstract class MlKemSuite : KemSuite
{
    [Fact]
    public void The_expanded_key_of_every_vector_is_taken_and_one_that_was_changed_is_not()
    {
        foreach (var vector in Vectors.JsonLines("pqc", VectorFile + ".jsonl.gz"))
        {
            var expanded = vector.Bytes("sk");
            using (var key = Kem.Import(expanded)!)
            {
                Assert.Equal(vector.Bytes("pk"), EncapsulationKeyOf(key));
                var secret = new byte[32];
                Assert.True(key.TryDecapsulate(vector.Bytes("ct"), secret));
                Assert.Equal(vector.Bytes("ss"), secret);
            }

            // In ek, and in its hash, which precedes z.
            foreach (var at in new[] { expanded.Length - 96, expanded.Length - 64, expanded.Length - 33 })
            {
                expanded[at] ^= 0x10;
                Assert.Null(Kem.Import(expanded));
                expanded[at] ^= 0x10;
            }

            // A coefficient of the secret that is not below q.
            (expanded[0], expanded[1]) = (0xff, 0xff);
            Assert.Null(Kem.Import(expanded));
        }
    }

    [Fact]
    public void A_key_with_a_coefficient_that_is_not_below_q_is_refused_wherever_it_lies()
    {
        using var key = Kem.Generate(new SeededKeyEntropy(11));
        var (ciphertext, secret) = (new byte[Kem.CiphertextBytes], new byte[32]);
        for (var i = 0; i + 3 < Kem.EncapsulationKeyBytes - 32; i += 3)
        {
            var first = EncapsulationKeyOf(key);
            (first[i], first[i + 1]) = (3329 & 0xff, (byte)((first[i + 1] & 0xf0) | (3329 >> 8)));
            Assert.False(Kem.TryEncapsulate(first, new SeededKeyEntropy(1), ciphertext, secret));
            first[i]--;
            Assert.True(i % 48 != 0 || Kem.TryEncapsulate(first, new SeededKeyEntropy(1), ciphertext, secret));

            var second = EncapsulationKeyOf(key);
            (second[i + 1], second[i + 2]) = ((byte)(second[i + 1] | 0xf0), 0xff);
            Assert.False(Kem.TryEncapsulate(second, new SeededKeyEntropy(1), ciphertext, secret));
        }
    }

    /// <summary>Runs a file of Project Wycheproof and returns how many cases it calls valid and invalid.</summary>
    private protected static (int Valid, int Invalid) Run(string file, Func<JsonElement, bool> isAccepted)
    {
        using var document = JsonDocument.Parse(Vectors.Decompressed("wycheproof", file + ".json.gz"));
        int valid = 0, invalid = 0;
        foreach (var test in document.RootElement.GetProperty("testGroups").EnumerateArray().SelectMany(group => group.GetProperty("tests").EnumerateArray()))
        {
            var expected = test.GetProperty("result").GetString() == "valid";
            Assert.True(expected == isAccepted(test), $"{file} case {test.GetProperty("tcId")}");
            _ = expected ? valid++ : invalid++;
        }

        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), valid + invalid);
        return (valid, invalid);
    }

    /// <summary>Seed, encapsulation key, ciphertext and secret.</summary>
    private protected bool Decapsulates(JsonElement test)
    {
        if (test.Bytes("seed").Length != 64)
        {
            return Kem.Import(test.Bytes("seed")) is not null;
        }

        using var key = Kem.Import(test.Bytes("seed"))!;
        Assert.Equal(test.Bytes("ek"), EncapsulationKeyOf(key));
        var secret = new byte[32];
        return key.TryDecapsulate(test.Bytes("c"), secret) && secret.AsSpan().SequenceEqual(test.Bytes("K"));
    }
}

public abstract class MlKem512Suite : MlKemSuite
{
    protected override string VectorFile => "ML-KEM-512";
}

public abstract class MlKem768Suite : MlKemSuite
{
    protected override string VectorFile => "ML-KEM-768";

    [Fact]
    public void Every_Wycheproof_case_has_the_published_outcome()
    {
        Assert.Equal((153, 40), Run("mlkem_768_test", Decapsulates));
        Assert.Equal((133, 132), Run("mlkem_768_encaps_test", Encapsulates));
        Assert.Equal((100, 0), Run("mlkem_768_keygen_seed_test", Generates));
    }

    private bool Encapsulates(JsonElement test)
    {
        var (ciphertext, secret) = (new byte[Kem.CiphertextBytes], new byte[32]);
        return Kem.TryEncapsulate(test.Bytes("ek"), new ScriptedKeyEntropy(test.Bytes("m")), ciphertext, secret)
            && ciphertext.AsSpan().SequenceEqual(test.Bytes("c")) && secret.AsSpan().SequenceEqual(test.Bytes("K"));
    }

    private bool Generates(JsonElement test)
    {
        using var key = Kem.Import(test.Bytes("seed"))!;
        using var expanded = Kem.Import(test.Bytes("dk"))!;
        return EncapsulationKeyOf(key).AsSpan().SequenceEqual(test.Bytes("ek")) && EncapsulationKeyOf(expanded).AsSpan().SequenceEqual(test.Bytes("ek"));
    }
}

public abstract class MlKem1024Suite : MlKemSuite
{
    protected override string VectorFile => "ML-KEM-1024";

    [Fact]
    public void Every_Wycheproof_case_has_the_published_outcome() => Assert.Equal((153, 40), Run("mlkem_1024_test", Decapsulates));
}

public sealed class ManagedMlKem512Tests : MlKem512Suite
{
    protected override IKem Kem { get; } = ManagedMlKem.MlKem512;
}

public sealed class ManagedMlKem768Tests : MlKem768Suite
{
    protected override IKem Kem { get; } = ManagedMlKem.MlKem768;
}

public sealed class ManagedMlKem1024Tests : MlKem1024Suite
{
    protected override IKem Kem { get; } = ManagedMlKem.MlKem1024;
}

public sealed class NarrowMlKem512Tests : MlKem512Suite
{
    protected override IKem Kem { get; } = new ManagedMlKem(MlKemParameters.MlKem512, VectorWidth.Bits256);
}

public sealed class NarrowMlKem768Tests : MlKem768Suite
{
    protected override IKem Kem { get; } = new ManagedMlKem(MlKemParameters.MlKem768, VectorWidth.Bits256);
}

public sealed class NarrowMlKem1024Tests : MlKem1024Suite
{
    protected override IKem Kem { get; } = new ManagedMlKem(MlKemParameters.MlKem1024, VectorWidth.Bits256);
}

public sealed class PortableMlKem512Tests : MlKem512Suite
{
    protected override IKem Kem { get; } = new ManagedMlKem(MlKemParameters.MlKem512, VectorWidth.None);
}

public sealed class PortableMlKem768Tests : MlKem768Suite
{
    protected override IKem Kem { get; } = new ManagedMlKem(MlKemParameters.MlKem768, VectorWidth.None);
}

public sealed class PortableMlKem1024Tests : MlKem1024Suite
{
    protected override IKem Kem { get; } = new ManagedMlKem(MlKemParameters.MlKem1024, VectorWidth.None);
}
