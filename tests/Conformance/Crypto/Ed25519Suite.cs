using System.Text;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of Ed25519 must do: published vectors, another implementation's signatures, and one rule of verification at the edges.</summary>
public abstract class Ed25519Suite
{
    protected abstract IEd25519 Ed25519 { get; }

    [Fact]
    public void Rfc_8032_is_reproduced()
    {
        var lines = Vectors.Lines("ed25519", "rfc8032.txt");
        Assert.Equal(5, lines.Length);
        foreach (var line in lines)
        {
            var fields = line.Split(' ');
            AssertSigns(fields[0], fields[1], fields[2] == "-" ? [] : Convert.FromHexString(fields[2]), fields[3]);
        }
    }

    [Fact]
    public void Signatures_equal_those_of_OpenSSL_for_200_keys_and_lengths()
    {
        var lines = Vectors.Lines("ed25519", "openssl.txt");
        Assert.Equal(200, lines.Length);
        foreach (var line in lines)
        {
            var fields = line.Split(' ');
            var length = int.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture);
            AssertSigns(fields[0], fields[1], [.. Enumerable.Range(0, length).Select(i => (byte)((7 * i) + length))], fields[3]);
        }
    }

    [Fact]
    public void Edge_cases_follow_the_rule()
    {
        var lines = Vectors.Lines("ed25519", "edge.txt");
        Assert.Equal(29, lines.Length);
        foreach (var line in lines)
        {
            var fields = line.Split(' ');
            var verdict = Ed25519.Verify(Convert.FromHexString(fields[2]), Convert.FromHexString(fields[3]), Convert.FromHexString(fields[4]));
            Assert.True(verdict == (fields[1] == "valid"), fields[0]);
        }
    }

    /// <summary>The test vectors of BEP 44, whose private key is given in expanded form.</summary>
    [Theory]
    [InlineData("3:seqi1e1:v12:Hello World!", "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")]
    [InlineData("4:salt6:foobar3:seqi1e1:v12:Hello World!", "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08")]
    public void Bep_44_is_reproduced_from_its_expanded_key(string message, string expected)
    {
        const string expanded = "e06d3183d14159228433ed599221b80bd0a5ce8352e4bdf0262f76786ef1c74db7e7a9fea2c0eb269d61e3b38e450a22e754941ac78479d6c54e1faf6037881d";
        using var key = Ed25519.ImportExpanded(Convert.FromHexString(expanded));
        Assert.Equal("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548", Convert.ToHexStringLower(key.PublicKey));
        var signature = new byte[64];
        Ed25519.Sign(key, Encoding.ASCII.GetBytes(message), signature);
        Assert.Equal(expected, Convert.ToHexStringLower(signature));
        Assert.True(Ed25519.Verify(key.PublicKey, Encoding.ASCII.GetBytes(message), signature));

        var exported = new byte[64];
        key.ExportExpanded(exported);
        Assert.Equal(expanded, Convert.ToHexStringLower(exported));
        Assert.False(key.HasSeed);
        Assert.Throws<InvalidOperationException>(() => key.ExportSeed(new byte[32]));
    }

    [Fact]
    public void Every_Wycheproof_case_has_the_published_verdict()
    {
        int valid = 0, invalid = 0;
        foreach (var test in Wycheproof.Signatures("ed25519_test.json"))
        {
            Assert.True(Ed25519.Verify(test.PublicKey, test.Message, test.Signature) == test.Valid, $"{test.Id}: {test.Comment}");
            _ = test.Valid ? valid++ : invalid++;
        }

        Assert.Equal((88, 63), (valid, invalid));
    }

    [Fact]
    public void A_scalar_that_is_not_clamped_signs_what_its_public_key_verifies()
    {
        var expanded = new byte[64];
        for (var i = 0; i < 20; i++)
        {
            new Random(i).NextBytes(expanded);
            using var key = Ed25519.ImportExpanded(expanded);
            var signature = new byte[64];
            Ed25519.Sign(key, expanded, signature);
            Assert.True(Ed25519.Verify(key.PublicKey, expanded, signature));
        }
    }

    [Fact]
    public void A_scalar_of_zero_is_refused()
    {
        var expanded = new byte[64];
        Assert.Throws<ArgumentException>(() => Ed25519.ImportExpanded(expanded));
        Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").CopyTo(expanded, 0);
        Assert.Throws<ArgumentException>(() => Ed25519.ImportExpanded(expanded));
    }

    [Fact]
    public void Wrong_lengths_throw_for_the_caller_and_fail_for_the_peer()
    {
        using var key = Ed25519.ImportSeed(new byte[32]);
        var signature = new byte[64];
        Ed25519.Sign(key, [1], signature);
        Assert.Throws<ArgumentException>(() => Ed25519.ImportSeed(new byte[31]));
        Assert.Throws<ArgumentException>(() => Ed25519.ImportExpanded(new byte[32]));
        Assert.Throws<ArgumentException>(() => Ed25519.Sign(key, [1], new byte[63]));
        Assert.False(Ed25519.Verify(key.PublicKey[..31], [1], signature));
        Assert.False(Ed25519.Verify(key.PublicKey, [1], signature.AsSpan(0, 63)));
        Assert.False(Ed25519.Verify([], [], []));
        Assert.False(Ed25519.Verify([.. key.PublicKey, 0], [1], signature));
        Assert.False(Ed25519.Verify(key.PublicKey, [1], [.. signature, 0]));
        Assert.True(Ed25519.Verify(key.PublicKey, [1], signature));
    }

    [Fact]
    public void An_erased_key_signs_no_more_and_keeps_no_secret()
    {
        var key = Ed25519.ImportSeed([.. Enumerable.Repeat((byte)7, 32)]);
        var publicKey = key.PublicKey.ToArray();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Ed25519.Sign(key, [1], new byte[64]));
        Assert.Throws<ObjectDisposedException>(() => key.ExportSeed(new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.ExportExpanded(new byte[64]));
        Assert.Equal(publicKey, key.PublicKey.ToArray());
    }

    [Fact]
    public void Signing_and_verifying_allocate_nothing()
    {
        using var key = Ed25519.ImportSeed(new byte[32]);
        var message = new byte[1100];
        var signature = new byte[64];
        Allocations.AssertNone(() => Ed25519.Sign(key, message, signature));
        Allocations.AssertNone(() => Ed25519.Verify(key.PublicKey, message, signature));
        Assert.True(Ed25519.Verify(key.PublicKey, message, signature));
    }

    private void AssertSigns(string seed, string publicKey, byte[] message, string signature)
    {
        using var key = Ed25519.ImportSeed(Convert.FromHexString(seed));
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey));
        var own = new byte[64];
        Ed25519.Sign(key, message, own);
        Assert.Equal(signature, Convert.ToHexStringLower(own));
        Assert.True(Ed25519.Verify(key.PublicKey, message, own));

        // The expanded form of the same key signs alike.
        var expanded = new byte[64];
        key.ExportExpanded(expanded);
        using var imported = Ed25519.ImportExpanded(expanded);
        Ed25519.Sign(imported, message, own);
        Assert.Equal(signature, Convert.ToHexStringLower(own));
        key.ExportSeed(expanded);
        Assert.Equal(seed, Convert.ToHexStringLower(expanded.AsSpan(0, 32)));
    }
}

public sealed class ManagedEd25519Tests : Ed25519Suite
{
    protected override IEd25519 Ed25519 { get; } = new ManagedEd25519();
}

/// <summary>The fill of a processor without AVX-512.</summary>
public sealed class PortableEd25519Tests : Ed25519Suite
{
    protected override IEd25519 Ed25519 { get; } = new ManagedEd25519(vectors: false);
}
