namespace Kadath.Crypto;

/// <summary>SHA-384: SHA-512 with an initial value of its own and a shorter digest (FIPS 180-4 section 6.5).</summary>
internal struct Sha384Core : IHashCore
{
    private Sha512Core _core;

    public readonly int BlockLength => 128;

    public readonly int DigestLength => 48;

    public void Initialize() => _core.InitializeForSha384();

    public void Compress(ReadOnlySpan<byte> block) => _core.Compress(block);

    public readonly void WriteDigest(Span<byte> digest) => _core.WriteSixWords(digest);
}
