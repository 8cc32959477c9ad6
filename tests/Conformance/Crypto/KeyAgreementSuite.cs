using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every Diffie-Hellman function in every fill must do.</summary>
public abstract class KeyAgreementSuite
{
    protected abstract IKeyAgreement Function { get; }

    /// <summary>The fill that is compared with.</summary>
    protected abstract IKeyAgreement Other { get; }

    /// <summary>What verifies and computes the shared secret of one published case; null where the public key is refused.</summary>
    protected byte[]? Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey) => Agree(Function, privateKey, publicKey);

    [Fact]
    public void Two_parties_arrive_at_the_same_secret_and_at_the_other_fills()
    {
        var entropy = new SeededKeyEntropy(1);
        var scalar = new byte[Function.PrivateKeyBytes];
        byte[] publicKey = new byte[Function.PublicKeyBytes], otherPublicKey = new byte[Function.PublicKeyBytes], peerPublicKey = new byte[Function.PublicKeyBytes];
        byte[] secret = new byte[Function.SecretBytes], otherSecret = new byte[Function.SecretBytes], peerSecret = new byte[Function.SecretBytes];
        for (var i = 0; i < 40; i++)
        {
            entropy.Fill(scalar);
            using var key = Function.Import(scalar)!;
            using var otherKey = Other.Import(scalar)!;
            using var peer = Function.Generate(entropy);
            key.CopyPublicKey(publicKey);
            otherKey.CopyPublicKey(otherPublicKey);
            peer.CopyPublicKey(peerPublicKey);
            Assert.Equal(otherPublicKey, publicKey);
            Assert.True(key.TryAgree(peerPublicKey, secret));
            Assert.True(otherKey.TryAgree(peerPublicKey, otherSecret));
            Assert.True(peer.TryAgree(publicKey, peerSecret));
            Assert.Equal(secret, otherSecret);
            Assert.Equal(secret, peerSecret);
        }
    }

    [Fact]
    public void Fresh_keys_differ_and_come_from_the_entropy_alone()
    {
        byte[] first = PublicKeyOf(7), again = PublicKeyOf(7), second = PublicKeyOf(8);
        Assert.Equal(first, again);
        Assert.NotEqual(first, second);

        byte[] PublicKeyOf(ulong seed)
        {
            var publicKey = new byte[Function.PublicKeyBytes];
            using var key = Function.Generate(new SeededKeyEntropy(seed));
            key.CopyPublicKey(publicKey);
            return publicKey;
        }
    }

    [Fact]
    public void Wrong_lengths_throw_for_the_caller_and_fail_for_the_peer()
    {
        using var key = Function.Generate(new SeededKeyEntropy(2));
        byte[] publicKey = new byte[Function.PublicKeyBytes], secret = new byte[Function.SecretBytes];
        key.CopyPublicKey(publicKey);
        Assert.Throws<ArgumentException>(() => key.CopyPublicKey(new byte[Function.PublicKeyBytes - 1]));
        Assert.Throws<ArgumentException>(() => key.TryAgree(publicKey, new byte[Function.SecretBytes - 1]));
        Assert.Throws<ArgumentException>(() => Function.Import(new byte[Function.PrivateKeyBytes - 1]));
        Assert.Throws<ArgumentException>(() => Function.Import(new byte[Function.PrivateKeyBytes + 1]));
        foreach (var wrong in new byte[][] { [], publicKey[..^1], [.. publicKey, 0] })
        {
            secret.AsSpan().Fill(1);
            Assert.False(key.TryAgree(wrong, secret));
            Assert.Equal(new byte[Function.SecretBytes], secret);
        }

        Assert.True(key.TryAgree(publicKey, secret));
    }

    [Fact]
    public void An_erased_key_agrees_no_more()
    {
        var key = Function.Generate(new SeededKeyEntropy(3));
        var publicKey = new byte[Function.PublicKeyBytes];
        key.CopyPublicKey(publicKey);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryAgree(publicKey, new byte[Function.SecretBytes]));
        key.Dispose();
        key.CopyPublicKey(publicKey);
    }

    private protected static byte[]? Agree(IKeyAgreement function, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey)
    {
        using var key = function.Import(privateKey);
        Assert.NotNull(key);
        var secret = new byte[function.SecretBytes];
        secret.AsSpan().Fill(1);
        if (key.TryAgree(publicKey, secret))
        {
            return secret;
        }

        Assert.Equal(new byte[function.SecretBytes], secret);
        return null;
    }
}
