using System.Numerics;
using System.Text;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

public sealed class EcdsaNonceTests
{
    private const string KeyOfP256 = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";

    private const string KeyOfP384 = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";

    /// <summary>RFC 6979 appendices A.2.5 and A.2.6.</summary>
    [Theory]
    [InlineData("P-256", KeyOfP256, "sample", "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716", "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")]
    [InlineData("P-256", KeyOfP256, "test", "d16b6ae827f17175e040871a1c7ec3500192c4c92677336ec2537acaee0008e0", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367", "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083")]
    [InlineData("P-384", KeyOfP384, "sample", "94ed910d1a099dad3254e9242ae85abde4ba15168eaf0ca87a555fd56d10fbca2907e3e83ba95368623b8c4686915cf9", "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46", "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8")]
    public void Without_fresh_bytes_the_RFC_is_reproduced(string curveName, string key, string message, string expectedNonce, string r, string s)
    {
        var curve = curveName == "P-256" ? NistCurve.P256 : NistCurve.P384;
        var scalar = Convert.FromHexString(key);
        byte[] digest = new byte[scalar.Length], nonce = new byte[scalar.Length], signature = new byte[2 * scalar.Length];
        curve.ManagedHash.Hash(Encoding.ASCII.GetBytes(message), digest);
        Next(curve, scalar, digest, [], [nonce]);
        Assert.Equal(expectedNonce, Convert.ToHexStringLower(nonce));
        Assert.True(curve.Arithmetic.TrySign(scalar, nonce, digest, signature));
        Assert.Equal(r + s, Convert.ToHexStringLower(signature));
        Assert.True(curve.Arithmetic.Verify(curve.PublicKeyOf(scalar).AsSpan(1), digest, signature));
    }

    [Fact]
    public void Fresh_bytes_key_and_digest_all_change_the_nonce_and_each_call_gives_another()
    {
        var curve = NistCurve.P256;
        var nonces = Enumerable.Range(0, 8).Select(_ => new byte[32]).ToArray();
        byte[] one = [.. new byte[31], 1], two = [.. new byte[31], 2];
        Next(curve, one, one, one, nonces[..2]);
        Next(curve, one, one, two, nonces[2..4]);
        Next(curve, one, two, one, nonces[4..6]);
        Next(curve, two, one, one, nonces[6..]);
        Assert.Equal(8, nonces.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void A_digest_of_the_order_and_more_counts_modulo_the_order()
    {
        var curve = NistCurve.P256;
        byte[] above = curve.Order.ToArray(), first = new byte[32], second = new byte[32], scalar = [.. new byte[31], 9];
        above[31] += 3;
        Next(curve, scalar, above, [], [first]);
        Next(curve, scalar, [.. new byte[31], 3], [], [second]);
        Assert.Equal(second, first);
    }

    [Fact]
    public void Digits_of_a_scalar_sum_up_to_it_and_the_top_one_is_never_zero()
    {
        foreach (var curve in new[] { NistCurve.P256, NistCurve.P384 })
        {
            var order = new BigInteger(curve.Order, isUnsigned: true, isBigEndian: true);
            var random = new Random(1);
            var bytes = new byte[curve.ScalarBytes];
            foreach (var scalar in new[] { 1, 2, 15, 16, 17, 31, 32, order - 1, order - 2, order / 2, (BigInteger.One << (8 * bytes.Length)) - order, ((BigInteger.One << (8 * bytes.Length)) - order) - 1 }
                .Concat(Enumerable.Range(0, 100).Select(_ => { random.NextBytes(bytes); return (new BigInteger(bytes, isUnsigned: true) % (order - 1)) + 1; })))
            {
                var encoded = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
                byte[] padded = [.. new byte[bytes.Length - encoded.Length], .. encoded];
                var digits = new BoothDigits(new ulong[BoothDigits.Words(bytes.Length)], padded, curve.Order);
                var sum = BigInteger.Zero;
                uint size = 0;
                for (var i = 0; i < BoothDigits.Count(8 * bytes.Length); i++)
                {
                    digits.Read(i, out size, out var negative);
                    Assert.InRange(size, 0u, 16u);
                    Assert.True(negative is 0 or ulong.MaxValue);
                    sum += (negative == 0 ? size : -(BigInteger)size) << (BoothDigits.Width * i);
                }

                Assert.Equal(scalar, sum % order);
                Assert.NotEqual(0u, size);
            }
        }
    }

    private static void Next(NistCurve curve, byte[] scalar, byte[] digest, byte[] hedge, byte[][] nonces)
    {
        using var source = new EcdsaNonce(stackalloc byte[2 * curve.ScalarBytes], curve, scalar, digest, hedge);
        foreach (var nonce in nonces)
        {
            source.Next(nonce);
        }
    }
}
