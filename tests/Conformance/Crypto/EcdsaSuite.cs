using System.Numerics;
using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of ECDSA must do.</summary>
public abstract class EcdsaSuite
{
    protected abstract ISignatureScheme Scheme { get; }

    /// <summary>The fill that is compared with.</summary>
    protected abstract ISignatureScheme Other { get; }

    private protected abstract NistNumbers Numbers { get; }

    [Fact]
    public void Signatures_are_verified_by_this_fill_and_the_other_in_both_directions()
    {
        var entropy = new SeededKeyEntropy(1);
        var scalar = new byte[Scheme.PrivateKeyBytes];
        var signature = new byte[Scheme.MaxSignatureBytes];
        for (var i = 0; i < 30; i++)
        {
            entropy.Fill(scalar);
            using var key = Scheme.Import(scalar)!;
            using var otherKey = Other.Import(scalar)!;
            Assert.Equal(otherKey.PublicKey.ToArray(), key.PublicKey.ToArray());
            var message = new byte[i * 7];
            entropy.Fill(message);
            foreach (var signer in new[] { key, otherKey })
            {
                var length = signer.Sign(message, entropy, signature);
                Assert.True(Scheme.Verify(key.PublicKey, message, signature.AsSpan(0, length)));
                Assert.True(Other.Verify(key.PublicKey, message, signature.AsSpan(0, length)));
                Assert.False(Scheme.Verify(key.PublicKey, [.. message, 0], signature.AsSpan(0, length)));
                signature[length - 1] ^= 1;
                Assert.False(Scheme.Verify(key.PublicKey, message, signature.AsSpan(0, length)));
            }
        }
    }

    [Fact]
    public void Numbers_of_zero_and_of_the_order_and_more_are_refused_in_signatures()
    {
        using var key = Scheme.Generate(new SeededKeyEntropy(2));
        var signature = new byte[Scheme.MaxSignatureBytes];
        var length = key.Sign([1], new SeededKeyEntropy(3), signature);
        var (r, s) = ReadDer(signature.AsSpan(0, length));
        Assert.True(Scheme.Verify(key.PublicKey, [1], Der(r, s)));
        Assert.True(Scheme.Verify(key.PublicKey, [1], Der(r, Numbers.N - s)));
        foreach (var (badR, badS) in new[] { (r, 0), (0, s), (r, Numbers.N), (Numbers.N, s), (r, s + Numbers.N), (r + Numbers.N, s), (BigInteger.Zero, BigInteger.Zero), (r, -s), (-r, s), (s, r) })
        {
            Assert.False(Scheme.Verify(key.PublicKey, [1], Der(badR, badS)));
        }
    }

    [Fact]
    public void What_is_no_point_verifies_nothing()
    {
        using var key = Scheme.Generate(new SeededKeyEntropy(4));
        var signature = new byte[Scheme.MaxSignatureBytes];
        signature = signature[..key.Sign([1], new SeededKeyEntropy(5), signature)];
        var publicKey = key.PublicKey.ToArray();
        Assert.True(Scheme.Verify(publicKey, [1], signature));
        Assert.False(Scheme.Verify([], [1], signature));
        Assert.False(Scheme.Verify(publicKey.AsSpan(1), [1], signature));
        Assert.False(Scheme.Verify([.. publicKey, 0], [1], signature));
        Assert.False(Scheme.Verify([(byte)(2 + (publicKey[^1] & 1)), .. publicKey.AsSpan(1, Scheme.PrivateKeyBytes)], [1], signature));
        Assert.False(Scheme.Verify(new byte[publicKey.Length], [1], signature));
        for (var i = 0; i < publicKey.Length; i++)
        {
            publicKey[i] ^= 1;
            Assert.False(Scheme.Verify(publicKey, [1], signature));
            publicKey[i] ^= 1;
        }
    }

    [Fact]
    public void Private_keys_out_of_range_are_refused_and_wrong_lengths_throw()
    {
        Assert.Null(Scheme.Import(new byte[Scheme.PrivateKeyBytes]));
        Assert.Null(Scheme.Import(Numbers.Bytes(Numbers.N)));
        Assert.Throws<ArgumentException>(() => Scheme.Import(new byte[Scheme.PrivateKeyBytes + 1]));
        using var largest = Scheme.Import(Numbers.Bytes(Numbers.N - 1))!;
        Assert.Equal(Numbers.Point(Numbers.Gx, Numbers.P - Numbers.Gy), largest.PublicKey.ToArray());
        Assert.Throws<ArgumentException>(() => largest.Sign([1], new SeededKeyEntropy(6), new byte[Scheme.MaxSignatureBytes - 1]));
        Assert.Throws<ArgumentException>(() => largest.CopyPublicKey(new byte[Scheme.PublicKeyBytes - 1]));
    }

    [Fact]
    public void An_erased_key_signs_no_more()
    {
        var key = Scheme.Generate(new SeededKeyEntropy(7));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign([1], new SeededKeyEntropy(8), new byte[Scheme.MaxSignatureBytes]));
        key.Dispose();
    }

    private protected static byte[] Der(BigInteger r, BigInteger s)
    {
        byte[] content = [.. Integer(r), .. Integer(s)];
        return [0x30, (byte)content.Length, .. content];

        static byte[] Integer(BigInteger value)
        {
            var bytes = value.ToByteArray(isBigEndian: true);
            return [2, (byte)bytes.Length, .. bytes];
        }
    }

    private protected static (BigInteger R, BigInteger S) ReadDer(ReadOnlySpan<byte> der)
    {
        var r = der.Slice(4, der[3]);
        var s = der[(6 + r.Length)..];
        return (new(r, isBigEndian: true), new(s, isBigEndian: true));
    }
}

public abstract class EcdsaP256Suite : EcdsaSuite
{
    private protected override NistNumbers Numbers => NistNumbers.P256;

    protected override ISignatureScheme Other { get; } = new BclEcdsa(NistCurve.P256);

    [Fact]
    public void Every_Wycheproof_case_has_the_published_verdict()
    {
        int valid = 0, invalid = 0;
        foreach (var test in WycheproofCurves.Ecdsa("ecdsa_secp256r1_sha256_test.json"))
        {
            Assert.True(Scheme.Verify(test.PublicKey, test.Message, test.Signature) == test.Valid, $"{test.Id}: {test.Comment}");
            _ = test.Valid ? valid++ : invalid++;
        }

        Assert.Equal((174, 310), (valid, invalid));
    }
}

public abstract class EcdsaP384Suite : EcdsaSuite
{
    private protected override NistNumbers Numbers => NistNumbers.P384;

    protected override ISignatureScheme Other { get; } = new BclEcdsa(NistCurve.P384);
}

public sealed class BclEcdsaP256Tests : EcdsaP256Suite
{
    protected override ISignatureScheme Scheme { get; } = new BclEcdsa(NistCurve.P256);
}

public sealed class BclEcdsaP384Tests : EcdsaP384Suite
{
    protected override ISignatureScheme Scheme { get; } = new BclEcdsa(NistCurve.P384);
}

public sealed class ManagedEcdsaP256Tests : EcdsaP256Suite
{
    protected override ISignatureScheme Scheme { get; } = new ManagedEcdsa(NistCurve.P256);
}

public sealed class ManagedEcdsaP384Tests : EcdsaP384Suite
{
    protected override ISignatureScheme Scheme { get; } = new ManagedEcdsa(NistCurve.P384);
}

public sealed class LibcryptoEcdsaP256Tests : EcdsaP256Suite
{
    public LibcryptoEcdsaP256Tests() => Assert.SkipUnless(LibcryptoEcdh.IsSupported, "libcrypto 3 does not load here");

    protected override ISignatureScheme Scheme => field ??= new LibcryptoEcdsa(NistCurve.P256, new ManagedSha256());
}

public sealed class LibcryptoEcdsaP384Tests : EcdsaP384Suite
{
    public LibcryptoEcdsaP384Tests() => Assert.SkipUnless(LibcryptoEcdh.IsSupported, "libcrypto 3 does not load here");

    protected override ISignatureScheme Scheme => field ??= new LibcryptoEcdsa(NistCurve.P384, new ManagedSha384());
}
