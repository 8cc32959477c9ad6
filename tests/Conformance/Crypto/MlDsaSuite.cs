using System.Security.Cryptography;
using System.Text.Json;
using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of ML-DSA must do.</summary>
public abstract class MlDsaSuite
{
    private protected abstract ManagedMlDsa Scheme { get; }

    /// <summary>The vectors' file in <c>vectors/pqc</c>, without extension.</summary>
    protected abstract string VectorFile { get; }

    [Fact]
    public void Published_vectors_are_reproduced_byte_for_byte()
    {
        var count = 0;
        foreach (var vector in Vectors.JsonLines("pqc", VectorFile + ".jsonl.gz"))
        {
            var seed = new ScriptedKeyEntropy(vector.Bytes("keygen_rand"));
            using var key = Scheme.Generate(seed);
            Assert.True(seed.IsSpent);
            Assert.Equal(vector.Bytes("pk"), key.PublicKey.ToArray());

            var message = vector.Bytes("msg");
            var hedge = new ScriptedKeyEntropy(vector.Bytes("sign_rand"));
            Assert.Equal(vector.Bytes("sig"), Sign(key, message, [], hedge));
            Assert.True(hedge.IsSpent);
            Assert.True(Scheme.Verify(key.PublicKey, message, vector.Bytes("sig")));

            var deterministic = Sign(key, message, [], new ScriptedKeyEntropy(new byte[32]));
            Assert.Equal(vector.Bytes("sig_deterministic_sha256"), SHA256.HashData(deterministic));
            var context = vector.Bytes("ctx");
            var bound = Sign(key, message, context, new ScriptedKeyEntropy(new byte[32]));
            Assert.Equal(vector.Bytes("sig_deterministic_ctx_sha256"), SHA256.HashData(bound));
            Assert.True(Scheme.Verify(key.PublicKey, message, context, bound));
            Assert.False(Scheme.Verify(key.PublicKey, message, bound));
            count++;
        }

        Assert.Equal(20, count);
    }

    [Fact]
    public void A_signature_holds_for_its_key_and_message_only()
    {
        var entropy = new SeededKeyEntropy(1);
        using var key = Scheme.Generate(entropy);
        using var other = Scheme.Generate(entropy);
        byte[] message = [1, 2, 3];
        var signature = Sign(key, message, [], entropy);
        Assert.True(Scheme.Verify(key.PublicKey, message, signature));
        Assert.False(Scheme.Verify(other.PublicKey, message, signature));
        Assert.False(Scheme.Verify(key.PublicKey, [1, 2, 4], signature));
        var random = new Random(2);
        for (var i = 0; i < 40; i++)
        {
            var changed = (byte[])signature.Clone();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(Scheme.Verify(key.PublicKey, message, changed));
        }
    }

    [Fact]
    public void Fresh_entropy_changes_the_signature_and_the_same_does_not()
    {
        using var key = Scheme.Generate(new SeededKeyEntropy(3));
        var first = Sign(key, [1], [], new SeededKeyEntropy(4));
        Assert.Equal(first, Sign(key, [1], [], new SeededKeyEntropy(4)));
        Assert.NotEqual(first, Sign(key, [1], [], new SeededKeyEntropy(5)));
    }

    [Fact]
    public void A_seed_gives_the_same_key_again()
    {
        var seed = new byte[32];
        new SeededKeyEntropy(6).Fill(seed);
        using var generated = Scheme.Generate(new SeededKeyEntropy(6));
        using var imported = Scheme.Import(seed)!;
        Assert.Equal(generated.PublicKey.ToArray(), imported.PublicKey.ToArray());
    }

    [Fact]
    public void Wrong_lengths_throw_for_the_caller_and_fail_for_the_peer()
    {
        var entropy = new SeededKeyEntropy(7);
        using var key = Scheme.Generate(entropy);
        var signature = Sign(key, [1], [], entropy);
        Assert.Throws<ArgumentException>(() => Scheme.Import(new byte[31]));
        Assert.Throws<ArgumentException>(() => key.Sign([1], entropy, new byte[Scheme.MaxSignatureBytes - 1]));
        Assert.Throws<ArgumentException>(() => Sign(key, [1], new byte[256], entropy));
        Assert.False(Scheme.Verify(key.PublicKey[1..], [1], signature));
        Assert.False(Scheme.Verify([.. key.PublicKey, 0], [1], signature));
        Assert.False(Scheme.Verify(key.PublicKey, [1], signature.AsSpan(1)));
        Assert.False(Scheme.Verify(key.PublicKey, [1], [.. signature, 0]));
        Assert.False(Scheme.Verify(key.PublicKey, [1], new byte[256], signature));
        Assert.False(Scheme.Verify([], [1], []));
    }

    [Fact]
    public void An_erased_key_does_nothing()
    {
        var key = Scheme.Generate(new SeededKeyEntropy(8));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign([1], new SeededKeyEntropy(9), new byte[Scheme.MaxSignatureBytes]));
    }

    private protected byte[] Sign(SignaturePrivateKey key, byte[] message, byte[] context, KeyEntropy hedge)
    {
        var signature = new byte[Scheme.MaxSignatureBytes];
        Scheme.Sign(key, message, context, hedge, signature);
        return signature;
    }

    /// <summary>Runs a file of Project Wycheproof and returns how many cases it calls valid and invalid.</summary>
    private protected static (int Valid, int Invalid) Run(string file, Func<JsonElement, JsonElement, bool> isAccepted)
    {
        using var document = JsonDocument.Parse(Vectors.Decompressed("wycheproof", file + ".json.gz"));
        int valid = 0, invalid = 0;
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var expected = test.GetProperty("result").GetString() == "valid";
                Assert.True(expected == isAccepted(group, test), $"{file} case {test.GetProperty("tcId")}");
                _ = expected ? valid++ : invalid++;
            }
        }

        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), valid + invalid);
        return (valid, invalid);
    }

    private protected bool Verifies(JsonElement group, JsonElement test) =>
        Scheme.Verify(group.Bytes("publicKey"), test.Bytes("msg"), Context(test), test.Bytes("sig"));

    /// <summary>Whether signing gives the published bytes; some cases give μ in place of a message.</summary>
    private protected bool Signs(JsonElement group, JsonElement test)
    {
        var seed = group.Bytes("privateSeed");
        if (seed.Length != Scheme.PrivateKeyBytes || Context(test).Length > 255)
        {
            return false;
        }

        using var key = Scheme.Import(seed)!;
        Assert.Equal(group.Bytes("publicKey"), key.PublicKey.ToArray());
        var random = test.TryGetProperty("rnd", out _) ? test.Bytes("rnd") : new byte[32];
        var signature = new byte[Scheme.MaxSignatureBytes];
        if (test.TryGetProperty("mu", out _))
        {
            ((MlDsaPrivateKey)key).SignDigest(test.Bytes("mu"), random, signature);
            Assert.Equal(test.Bytes("sig"), signature);
        }

        return !test.TryGetProperty("msg", out _)
            || Sign(key, test.Bytes("msg"), Context(test), new ScriptedKeyEntropy(random)).AsSpan().SequenceEqual(test.Bytes("sig"));
    }

    private static byte[] Context(JsonElement test) => test.TryGetProperty("ctx", out _) ? test.Bytes("ctx") : [];
}

public abstract class MlDsa44Suite : MlDsaSuite
{
    protected override string VectorFile => "ML-DSA-44";

    [Fact]
    public void Every_Wycheproof_case_has_the_published_outcome()
    {
        Assert.Equal((82, 4), Run("mldsa_44_sign_seed_test", Signs));
        Assert.Equal((77, 103), Run("mldsa_44_verify_test", Verifies));
    }
}

public abstract class MlDsa65Suite : MlDsaSuite
{
    protected override string VectorFile => "ML-DSA-65";

    [Fact]
    public void Every_Wycheproof_case_has_the_published_outcome()
    {
        Assert.Equal((101, 4), Run("mldsa_65_sign_seed_test", Signs));
        Assert.Equal((79, 131), Run("mldsa_65_verify_test", Verifies));
    }
}

public abstract class MlDsa87Suite : MlDsaSuite
{
    protected override string VectorFile => "ML-DSA-87";
}

public sealed class ManagedMlDsa44Tests : MlDsa44Suite
{
    private protected override ManagedMlDsa Scheme { get; } = ManagedMlDsa.MlDsa44;
}

public sealed class ManagedMlDsa65Tests : MlDsa65Suite
{
    private protected override ManagedMlDsa Scheme { get; } = ManagedMlDsa.MlDsa65;
}

public sealed class ManagedMlDsa87Tests : MlDsa87Suite
{
    private protected override ManagedMlDsa Scheme { get; } = ManagedMlDsa.MlDsa87;
}

public sealed class NarrowMlDsa44Tests : MlDsa44Suite
{
    private protected override ManagedMlDsa Scheme { get; } = new(MlDsaParameters.MlDsa44, VectorWidth.Bits256);
}

public sealed class NarrowMlDsa65Tests : MlDsa65Suite
{
    private protected override ManagedMlDsa Scheme { get; } = new(MlDsaParameters.MlDsa65, VectorWidth.Bits256);
}

public sealed class NarrowMlDsa87Tests : MlDsa87Suite
{
    private protected override ManagedMlDsa Scheme { get; } = new(MlDsaParameters.MlDsa87, VectorWidth.Bits256);
}

public sealed class PortableMlDsa44Tests : MlDsa44Suite
{
    private protected override ManagedMlDsa Scheme { get; } = new(MlDsaParameters.MlDsa44, VectorWidth.None);
}

public sealed class PortableMlDsa65Tests : MlDsa65Suite
{
    private protected override ManagedMlDsa Scheme { get; } = new(MlDsaParameters.MlDsa65, VectorWidth.None);
}

public sealed class PortableMlDsa87Tests : MlDsa87Suite
{
    private protected override ManagedMlDsa Scheme { get; } = new(MlDsaParameters.MlDsa87, VectorWidth.None);
}
