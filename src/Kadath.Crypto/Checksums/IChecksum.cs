namespace Kadath.Crypto;

/// <summary>A 32-bit checksum. It detects accidents and spreads bits; it authenticates nothing.</summary>
public interface IChecksum : IPrimitive
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The checksum of a message of which <paramref name="checksum"/> covers everything before <paramref name="data"/>; zero stands for the empty message.</summary>
    uint Append(uint checksum, ReadOnlySpan<byte> data);
}
