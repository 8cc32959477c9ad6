using System.Security.Cryptography;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

public abstract class Sha1Suite : HashSuite
{
    protected override int DigestLength => 20;

    protected override string[] Digests =>
    [
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
        "a49b2446a02c645bf419f995b67091253a04a259",
        "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data) => SHA1.HashData(data);
}

public abstract class Sha256Suite : HashSuite
{
    protected override int DigestLength => 32;

    protected override string[] Digests =>
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data) => SHA256.HashData(data);
}

public abstract class Sha384Suite : HashSuite
{
    protected override int DigestLength => 48;

    protected override string[] Digests =>
    [
        "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c8452b",
        "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039",
        "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data) => SHA384.HashData(data);
}

public abstract class Sha512Suite : HashSuite
{
    protected override int DigestLength => 64;

    protected override string[] Digests =>
    [
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445",
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
        "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data) => SHA512.HashData(data);
}

public sealed class BclSha1Tests : Sha1Suite
{
    protected override IHash Hash { get; } = new BclSha1();
}

public sealed class BclSha256Tests : Sha256Suite
{
    protected override IHash Hash { get; } = new BclSha256();
}

public sealed class BclSha384Tests : Sha384Suite
{
    protected override IHash Hash { get; } = new BclSha384();
}

public sealed class ManagedSha384Tests : Sha384Suite
{
    protected override IHash Hash { get; } = new ManagedSha384();
}

public sealed class DefaultSha384Tests : Sha384Suite
{
    protected override IHash Hash { get; } = CryptoProvider.Default.Sha384;
}

public sealed class BclSha512Tests : Sha512Suite
{
    protected override IHash Hash { get; } = new BclSha512();
}

public sealed class ManagedSha1Tests : Sha1Suite
{
    protected override IHash Hash { get; } = new ManagedSha1();
}

public sealed class DefaultSha1Tests : Sha1Suite
{
    protected override IHash Hash { get; } = CryptoProvider.Default.Sha1;
}

public sealed class ManagedSha256Tests : Sha256Suite
{
    protected override IHash Hash { get; } = new ManagedSha256();
}

public sealed class DefaultSha256Tests : Sha256Suite
{
    protected override IHash Hash { get; } = CryptoProvider.Default.Sha256;
}

public sealed class ManagedSha512Tests : Sha512Suite
{
    protected override IHash Hash { get; } = new ManagedSha512();
}

public sealed class DefaultSha512Tests : Sha512Suite
{
    protected override IHash Hash { get; } = CryptoProvider.Default.Sha512;
}

public sealed class LibcryptoSha256Tests : Sha256Suite
{
    protected override IHash Hash
    {
        get
        {
            Assert.SkipUnless(LibcryptoSha256.IsSupported, "no libcrypto 3 with SHA-2 here");
            return field ??= new LibcryptoSha256();
        }
    }
}

public sealed class LibcryptoSha384Tests : Sha384Suite
{
    protected override IHash Hash
    {
        get
        {
            Assert.SkipUnless(LibcryptoSha384.IsSupported, "no libcrypto 3 with SHA-2 here");
            return field ??= new LibcryptoSha384();
        }
    }
}
