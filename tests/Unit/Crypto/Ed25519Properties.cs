using FsCheck;
using FsCheck.Fluent;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

public sealed class Ed25519Properties
{
    private static readonly IEd25519 s_ed25519 = CryptoProvider.Default.Ed25519;

    private static readonly Config s_config = Config.QuickThrowOnFailure.WithReplay(25519, 8033).WithMaxTest(200);

    private static readonly Gen<byte[]> s_seeds = Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), Ed25519PrivateKey.SeedLength);

    [Fact]
    public void What_a_key_signs_its_public_key_verifies() =>
        Prop.ForAll(s_seeds.ToArbitrary(), ArbMap.Default.ArbFor<byte[]>(), (seed, message) =>
        {
            using var key = s_ed25519.ImportSeed(seed);
            return s_ed25519.Verify(key.PublicKey, message, Sign(key, message));
        }).Check(s_config);

    [Fact]
    public void Any_flipped_bit_of_signature_message_or_key_invalidates() =>
        Prop.ForAll(s_seeds.ToArbitrary(), ArbMap.Default.ArbFor<NonEmptyArray<byte>>(), ArbMap.Default.ArbFor<PositiveInt>(), (seed, bytes, position) =>
        {
            using var key = s_ed25519.ImportSeed(seed);
            var message = bytes.Get;
            var signature = Sign(key, message);
            var publicKey = key.PublicKey.ToArray();
            return !s_ed25519.Verify(publicKey, message, Flipped(signature, position.Get))
                && !s_ed25519.Verify(publicKey, Flipped(message, position.Get), signature)
                && !s_ed25519.Verify(Flipped(publicKey, position.Get), message, signature);
        }).Check(s_config);

    [Fact]
    public void Every_single_bit_of_one_signature_counts()
    {
        using var key = s_ed25519.ImportSeed(new byte[32]);
        var signature = Sign(key, [1, 2, 3]);
        for (var bit = 0; bit < 512; bit++)
        {
            Assert.False(s_ed25519.Verify(key.PublicKey, [1, 2, 3], Flipped(signature, bit)));
        }
    }

    [Fact]
    public void Random_bytes_are_no_signature_and_do_no_harm()
    {
        var random = new Random(1);
        byte[] key = new byte[32], signature = new byte[64];
        for (var i = 0; i < 500; i++)
        {
            random.NextBytes(key);
            random.NextBytes(signature);
            signature[63] &= 0x0f;
            Assert.False(s_ed25519.Verify(key, key, signature));
        }
    }

    [Fact]
    public void A_key_never_prints_its_secret()
    {
        using var key = s_ed25519.ImportSeed([.. Enumerable.Repeat((byte)0xab, 32)]);
        Assert.Equal($"Ed25519 {Convert.ToHexStringLower(key.PublicKey)}", key.ToString());
        Assert.Equal("SipHashKey", new SipHashKey(1, 2).ToString());
    }

    private static byte[] Sign(Ed25519PrivateKey key, ReadOnlySpan<byte> message)
    {
        var signature = new byte[Ed25519PrivateKey.SignatureLength];
        s_ed25519.Sign(key, message, signature);
        return signature;
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var copy = bytes.ToArray();
        copy[bit / 8 % copy.Length] ^= (byte)(1 << (bit % 8));
        return copy;
    }
}
