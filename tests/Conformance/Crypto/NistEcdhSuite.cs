using System.Numerics;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of ECDH over a NIST curve must do; above all, refuse what is no point.</summary>
public abstract class NistEcdhSuite : KeyAgreementSuite
{
    private protected abstract NistNumbers Numbers { get; }

    private int Length => Function.SecretBytes;

    [Fact]
    public void The_generator_is_the_public_key_of_one_and_its_mirror_that_of_the_order_less_one()
    {
        Assert.Equal(Numbers.Point(Numbers.Gx, Numbers.Gy), PublicKeyOf(BigInteger.One));
        Assert.Equal(Numbers.Point(Numbers.Gx, Numbers.P - Numbers.Gy), PublicKeyOf(Numbers.N - 1));
    }

    [Fact]
    public void Private_keys_of_zero_and_of_the_order_and_more_are_refused()
    {
        Assert.Null(Function.Import(new byte[Length]));
        Assert.Null(Function.Import(Numbers.Bytes(Numbers.N)));
        Assert.Null(Function.Import(Numbers.Bytes(Numbers.N + 1)));
        Assert.Null(Function.Import([.. Enumerable.Repeat((byte)0xff, Length)]));
        using var largest = Function.Import(Numbers.Bytes(Numbers.N - 1));
        Assert.NotNull(largest);
    }

    /// <summary>Small multiples, those below the order, whose points are the mirrors, and every power of two, against arithmetic of the textbook.</summary>
    [Fact]
    public void Multiples_agree_with_the_textbook()
    {
        var (x, y) = Numbers.Double((Numbers.Gx, Numbers.Gy));
        var encoded = Numbers.Point(x, y);
        var (small, powers) = Numbers.MultiplesOfTwiceTheGenerator;
        for (var i = 0; i < small.Count; i++)
        {
            Assert.Equal(Numbers.Bytes(small[i]), Agree(Numbers.Bytes(i + 1), encoded));
            Assert.Equal(Numbers.Bytes(small[i]), Agree(Numbers.Bytes(Numbers.N - i - 1), encoded));
        }

        for (var i = 0; i < powers.Count; i++)
        {
            Assert.Equal(Numbers.Bytes(powers[i]), Agree(Numbers.Bytes(BigInteger.One << i), encoded));
        }
    }

    [Fact]
    public void Coordinates_of_p_and_more_are_refused()
    {
        // A point whose coordinate has room for one more p below 2^bits: with p added it is the same point, badly encoded.
        var bound = BigInteger.One << (8 * Length);
        var (x, y) = Numbers.FirstPointBelow(bound - Numbers.P);
        Assert.NotNull(Agree(Numbers.Bytes(3), Numbers.Point(x, y)));
        Refuses(Numbers.Point(x + Numbers.P, y));
        Refuses(Numbers.Point(Numbers.P, Numbers.Gy));
        Refuses(Numbers.Point(Numbers.Gx, Numbers.P));
        Refuses(Numbers.Point(bound - 1, bound - 1));
    }

    [Fact]
    public void Points_off_the_curve_and_infinity_are_refused()
    {
        Refuses(Numbers.Point(0, 0));
        Refuses(Numbers.Point(Numbers.Gx, Numbers.Gy + 1));
        Refuses(Numbers.Point(Numbers.Gx + 1, Numbers.Gy));
        Refuses(Numbers.Point(Numbers.Gy, Numbers.Gx));

        // Points of y² = x³ - 3x + b' for another b', as an invalid curve attack sends.
        for (var i = 1; i <= 20; i++)
        {
            Refuses(Numbers.Point(i, i + 1));
        }

        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var point = Numbers.Point(Numbers.Gx, Numbers.Gy);
            point[random.Next(1, point.Length)] ^= (byte)(1 << random.Next(8));
            Refuses(point);
        }
    }

    [Fact]
    public void Other_encodings_than_the_uncompressed_are_refused()
    {
        var generator = Numbers.Point(Numbers.Gx, Numbers.Gy);
        Refuses([0]);
        Refuses([.. generator.AsSpan(1)]);
        Refuses([(byte)(2 + (generator[^1] & 1)), .. generator.AsSpan(1, Length)]);
        for (var form = 0; form < 256; form++)
        {
            generator[0] = (byte)form;
            if (form == 4)
            {
                Assert.NotNull(Agree(Numbers.Bytes(3), generator));
            }
            else
            {
                Refuses(generator);
            }
        }
    }

    private protected void Refuses(byte[] publicKey) => Assert.True(Agree(Numbers.Bytes(3), publicKey) is null, Convert.ToHexString(publicKey));

    private byte[] PublicKeyOf(BigInteger scalar)
    {
        using var key = Function.Import(Numbers.Bytes(scalar))!;
        var publicKey = new byte[Function.PublicKeyBytes];
        key.CopyPublicKey(publicKey);
        return publicKey;
    }
}

public abstract class P256EcdhSuite : NistEcdhSuite
{
    private static readonly byte[] s_namedCurve = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d030107034200");

    private protected override NistNumbers Numbers => NistNumbers.P256;

    protected override IKeyAgreement Other { get; } = new BclEcdh(NistCurve.P256);

    /// <summary>
    /// The public keys of the suite are SubjectPublicKeyInfos; TLS and this library take points. So a key counts as
    /// offered if it is DER, names the curve and holds an uncompressed point; what else the suite holds is refused
    /// before any point is read: BER and other damage to the ASN.1, explicit parameters, other curves, compressed points.
    /// </summary>
    [Fact]
    public void Every_Wycheproof_case_has_the_published_verdict_or_is_refused_by_policy()
    {
        int valid = 0, invalid = 0;
        Dictionary<string, int> policy = [];
        foreach (var test in WycheproofCurves.Agreements("ecdh_secp256r1_test.json"))
        {
            var privateKey = FixedLength(test.PrivateKey);
            if (!test.PublicKey.AsSpan().StartsWith(s_namedCurve) || test.PublicKey.Length != s_namedCurve.Length + 65)
            {
                Assert.True(test.Result != "valid", $"{test.Id}: {test.Comment}");
                var why = (string[])["InvalidAsn", "UnnamedCurve", "CompressedPoint", "WrongCurve", "InvalidEncoding"];
                var reason = why.FirstOrDefault(test.Flags.Contains) ?? string.Join('+', test.Flags);
                policy[reason] = policy.GetValueOrDefault(reason) + 1;
                continue;
            }

            var secret = Agree(privateKey, test.PublicKey.AsSpan(s_namedCurve.Length));
            if (test.Result == "valid")
            {
                Assert.True(test.Shared.AsSpan().SequenceEqual(secret), $"{test.Id}: {test.Comment}");
                valid++;
            }
            else
            {
                Assert.True(secret is null, $"{test.Id}: {test.Comment}");
                invalid++;
            }
        }

        Assert.Equal((330, 19), (valid, invalid));
        Assert.Equal(
            "CompressedPoint 8, InvalidAsn 221, InvalidEncoding 1, ModifiedGroup+InvalidPublic 2, UnnamedCurve 14, WrongCurve 17",
            string.Join(", ", policy.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}")));
    }

    /// <summary>The suite writes private keys as ASN.1 integers: with a sign byte, or without leading zeros.</summary>
    private static byte[] FixedLength(ReadOnlySpan<byte> integer)
    {
        var number = integer.TrimStart((byte)0);
        var bytes = new byte[32];
        number.CopyTo(bytes.AsSpan(32 - number.Length));
        return bytes;
    }
}

public abstract class P384EcdhSuite : NistEcdhSuite
{
    private protected override NistNumbers Numbers => NistNumbers.P384;

    protected override IKeyAgreement Other { get; } = new BclEcdh(NistCurve.P384);
}

public sealed class BclP256EcdhTests : P256EcdhSuite
{
    protected override IKeyAgreement Function { get; } = new BclEcdh(NistCurve.P256);
}

public sealed class BclP384EcdhTests : P384EcdhSuite
{
    protected override IKeyAgreement Function { get; } = new BclEcdh(NistCurve.P384);
}

public sealed class ManagedP256EcdhTests : P256EcdhSuite
{
    protected override IKeyAgreement Function { get; } = new ManagedEcdh(NistCurve.P256);
}

public sealed class ManagedP384EcdhTests : P384EcdhSuite
{
    protected override IKeyAgreement Function { get; } = new ManagedEcdh(NistCurve.P384);
}

public sealed class LibcryptoP256EcdhTests : P256EcdhSuite
{
    public LibcryptoP256EcdhTests() => Assert.SkipUnless(LibcryptoEcdh.IsSupported, "libcrypto 3 does not load here");

    protected override IKeyAgreement Function => field ??= new LibcryptoEcdh(NistCurve.P256);
}

public sealed class LibcryptoP384EcdhTests : P384EcdhSuite
{
    public LibcryptoP384EcdhTests() => Assert.SkipUnless(LibcryptoEcdh.IsSupported, "libcrypto 3 does not load here");

    protected override IKeyAgreement Function => field ??= new LibcryptoEcdh(NistCurve.P384);
}
