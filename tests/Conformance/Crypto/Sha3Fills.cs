using System.Security.Cryptography;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

public abstract class Sha3_256Suite : HashSuite
{
    protected override int DigestLength => 32;

    protected override string[] Digests =>
    [
        "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
        "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376",
        "916f6061fe879741ca6469b43971dfdb28b1a32dc36cb3254e812be27aad1d18",
        "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data)
    {
        Assert.SkipUnless(SHA3_256.IsSupported, "The class library has no SHA-3 on this system.");
        return SHA3_256.HashData(data);
    }
}

public abstract class Sha3_384Suite : HashSuite
{
    protected override int DigestLength => 48;

    protected override string[] Digests =>
    [
        "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004",
        "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
        "991c665755eb3a4b6bbdfb75c78a492e8c56a22c5c4d7e429bfdbc32b9d4ad5aa04a1f076e62fea19eef51acd0657c22",
        "79407d3b5916b59c3e30b09822974791c313fb9ecc849e406f23592d04f625dc8c709b98b43b3852b337216179aa7fc7",
        "eee9e24d78c1855337983451df97c8ad9eedf256c6334f8e948d252d5e0e76847aa0774ddb90a842190d2c558b4b8340",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data)
    {
        Assert.SkipUnless(SHA3_384.IsSupported, "The class library has no SHA-3 on this system.");
        return SHA3_384.HashData(data);
    }
}

public abstract class Sha3_512Suite : HashSuite
{
    protected override int DigestLength => 64;

    protected override string[] Digests =>
    [
        "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
        "04a371e84ecfb5b8b77cb48610fca8182dd457ce6f326a0fd3d7ec2f1e91636dee691fbe0c985302ba1b0d8dc78c086346b533b49c030d99a27daf1139d6e75e",
        "afebb2ef542e6579c50cad06d2e578f9f8dd6881d7dc824d26360feebf18a4fa73e3261122948efcfd492e74e82e2189ed0fb440d187f382270cb455f21dd185",
        "3c3a876da14034ab60627c077bb98f7e120a2a5370212dffb3385a18d4f38859ed311d0a9d5141ce9cc5c66ee689b266a8aa18ace8282a0e0db596c90b0a7b87",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data)
    {
        Assert.SkipUnless(SHA3_512.IsSupported, "The class library has no SHA-3 on this system.");
        return SHA3_512.HashData(data);
    }
}

public sealed class ManagedSha3_256Tests : Sha3_256Suite
{
    protected override IHash Hash { get; } = ManagedSha3.Sha3_256;
}

public sealed class ManagedSha3_384Tests : Sha3_384Suite
{
    protected override IHash Hash { get; } = ManagedSha3.Sha3_384;
}

public sealed class ManagedSha3_512Tests : Sha3_512Suite
{
    protected override IHash Hash { get; } = ManagedSha3.Sha3_512;
}

public sealed class BclSha3_256Tests : Sha3_256Suite
{
    public BclSha3_256Tests() => Assert.SkipUnless(BclSha3.IsSupported, "The class library has no SHA-3 on this system.");

    protected override IHash Hash { get; } = BclSha3.Sha3_256;
}

public sealed class BclSha3_384Tests : Sha3_384Suite
{
    public BclSha3_384Tests() => Assert.SkipUnless(BclSha3.IsSupported, "The class library has no SHA-3 on this system.");

    protected override IHash Hash { get; } = BclSha3.Sha3_384;
}

public sealed class BclSha3_512Tests : Sha3_512Suite
{
    public BclSha3_512Tests() => Assert.SkipUnless(BclSha3.IsSupported, "The class library has no SHA-3 on this system.");

    protected override IHash Hash { get; } = BclSha3.Sha3_512;
}
