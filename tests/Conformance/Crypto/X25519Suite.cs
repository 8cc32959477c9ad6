using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of X25519 must do.</summary>
public abstract class X25519Suite : KeyAgreementSuite
{
    protected override IKeyAgreement Other { get; } = new ManagedX25519();

    /// <summary>RFC 7748 section 5.2: the scalars are not clamped, and the second u-coordinate has its top bit set.</summary>
    [Theory]
    [InlineData("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d", "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493", "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void Rfc_7748_is_reproduced(string scalar, string u, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Agree(Convert.FromHexString(scalar), Convert.FromHexString(u))!));

    /// <summary>RFC 7748 section 5.2: a thousand times, the result becomes the scalar and the scalar the u-coordinate.</summary>
    [Fact]
    public void The_iterated_function_of_Rfc_7748_is_reproduced()
    {
        byte[] scalar = [9, .. new byte[31]], u = scalar;
        for (var i = 0; i < 1000; i++)
        {
            (scalar, u) = (Agree(scalar, u)!, scalar);
            if (i == 0)
            {
                Assert.Equal("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", Convert.ToHexStringLower(scalar));
            }
        }

        Assert.Equal("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", Convert.ToHexStringLower(scalar));
    }

    /// <summary>RFC 7748 section 6.1.</summary>
    [Fact]
    public void The_exchange_of_Rfc_7748_is_reproduced()
    {
        using var alice = Function.Import(Convert.FromHexString("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))!;
        using var bob = Function.Import(Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))!;
        byte[] ofAlice = new byte[32], ofBob = new byte[32], secret = new byte[32];
        alice.CopyPublicKey(ofAlice);
        bob.CopyPublicKey(ofBob);
        Assert.Equal("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Convert.ToHexStringLower(ofAlice));
        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Convert.ToHexStringLower(ofBob));
        Assert.True(alice.TryAgree(ofBob, secret));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(secret));
        Assert.True(bob.TryAgree(ofAlice, secret));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(secret));
    }

    /// <summary>Points of the twist and numbers of p and more are computed, as RFC 7748 demands; only a secret of zero is refused.</summary>
    [Fact]
    public void Every_Wycheproof_case_is_computed_but_those_of_zero_secrets()
    {
        int computed = 0, twist = 0, notCanonical = 0, refused = 0;
        foreach (var test in WycheproofCurves.Agreements("x25519_test.json"))
        {
            var secret = Agree(test.PrivateKey, test.PublicKey);
            if (test.Flags.Contains("ZeroSharedSecret"))
            {
                Assert.True(secret is null && !test.Shared.AsSpan().ContainsAnyExcept((byte)0), $"{test.Id}: {test.Comment}");
                refused++;
                continue;
            }

            Assert.True(test.Shared.AsSpan().SequenceEqual(secret), $"{test.Id}: {test.Comment}");
            computed++;
            twist += test.Flags.Contains("Twist") ? 1 : 0;
            notCanonical += test.Flags.Contains("NonCanonicalPublic") ? 1 : 0;
        }

        Assert.Equal((487, 31), (computed, refused));
        Assert.Equal((216, 13), (twist, notCanonical));
    }
}

public sealed class ManagedX25519Tests : X25519Suite
{
    protected override IKeyAgreement Function { get; } = new ManagedX25519();

    [Fact]
    public void Agreeing_allocates_nothing()
    {
        using var key = Function.Import([9, .. new byte[31]])!;
        byte[] publicKey = new byte[32], secret = new byte[32];
        key.CopyPublicKey(publicKey);
        Allocations.AssertNone(() => key.TryAgree(publicKey, secret));
    }
}

/// <summary>The fill of a processor without AVX-512.</summary>
public sealed class PortableX25519Tests : X25519Suite
{
    protected override IKeyAgreement Function { get; } = new ManagedX25519(vectors: false);
}
