using System.Security.Cryptography;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

public abstract class HmacSha256Suite : HmacSuite
{
    protected override string[] Tags =>
    [
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        "a3b6167473100ee06e0c796c2955552b",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ];

    protected override (string File, int Valid, int TooLong) Hkdf => ("hkdf_sha256_test.json", 83, 3);

    protected override byte[] Reference(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => HMACSHA256.HashData(key, data);
}

public abstract class HmacSha384Suite : HmacSuite
{
    protected override string[] Tags =>
    [
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
        "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
        "3abf34c3503b2a23a46efc619baef897",
        "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
        "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
    ];

    protected override (string File, int Valid, int TooLong) Hkdf => ("hkdf_sha384_test.json", 80, 3);

    protected override byte[] Reference(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => HMACSHA384.HashData(key, data);
}

public sealed class BclHmacSha256Tests : HmacSha256Suite
{
    protected override IMac Mac { get; } = new BclHmacSha256();
}

public sealed class ManagedHmacSha256Tests : HmacSha256Suite
{
    protected override IMac Mac { get; } = new ManagedHmacSha256();
}

public sealed class DefaultHmacSha256Tests : HmacSha256Suite
{
    protected override IMac Mac { get; } = CryptoProvider.Default.HmacSha256;
}

public sealed class BclHmacSha384Tests : HmacSha384Suite
{
    protected override IMac Mac { get; } = new BclHmacSha384();
}

public sealed class ManagedHmacSha384Tests : HmacSha384Suite
{
    protected override IMac Mac { get; } = new ManagedHmacSha384();
}

public sealed class DefaultHmacSha384Tests : HmacSha384Suite
{
    protected override IMac Mac { get; } = CryptoProvider.Default.HmacSha384;
}

public sealed class LibcryptoHmacSha256Tests : HmacSha256Suite
{
    protected override IMac Mac
    {
        get
        {
            Assert.SkipUnless(LibcryptoHmacSha256.IsSupported, "no libcrypto 3 with SHA-2 here");
            return field ??= new LibcryptoHmacSha256();
        }
    }
}

public sealed class LibcryptoHmacSha384Tests : HmacSha384Suite
{
    protected override IMac Mac
    {
        get
        {
            Assert.SkipUnless(LibcryptoHmacSha384.IsSupported, "no libcrypto 3 with SHA-2 here");
            return field ??= new LibcryptoHmacSha384();
        }
    }
}
