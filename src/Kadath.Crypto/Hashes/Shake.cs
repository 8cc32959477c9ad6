using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>A hash function whose digest is as long as the caller asks.</summary>
public interface IExtendableHash : IPrimitive
{
    /// <summary>Fills <paramref name="output"/> with the output for <paramref name="data"/>. A shorter output is the beginning of a longer one.</summary>
    /// <param name="data">The whole message, of any length. May overlap <paramref name="output"/>.</param>
    /// <param name="output">Any length.</param>
    void Hash(ReadOnlySpan<byte> data, Span<byte> output);
}

/// <summary>SHAKE128 and SHAKE256 (FIPS 202 section 6.2) in C#.</summary>
public sealed class ManagedShake : IExtendableHash
{
    private readonly int _rate;

    private ManagedShake(int rate) => _rate = rate;

    /// <summary>SHAKE128.</summary>
    public static ManagedShake Shake128 { get; } = new(Sponge.Shake128Rate);

    /// <summary>SHAKE256.</summary>
    public static ManagedShake Shake256 { get; } = new(Sponge.Shake256Rate);

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> output) => Sponge.Hash(_rate, Sponge.ShakeSuffix, data, [], output);
}

/// <summary>SHAKE128 and SHAKE256 of the class library, where the system's library has them (<see cref="IsSupported"/>).</summary>
public sealed class BclShake : IExtendableHash
{
    private readonly bool _is256;

    private BclShake(bool is256) => _is256 = is256;

    /// <summary>Whether this system has them.</summary>
    public static bool IsSupported => System.Security.Cryptography.Shake128.IsSupported;

    /// <summary>SHAKE128.</summary>
    public static BclShake Shake128 { get; } = new(false);

    /// <summary>SHAKE256.</summary>
    public static BclShake Shake256 { get; } = new(true);

    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> output)
    {
        if (_is256)
        {
            System.Security.Cryptography.Shake256.HashData(data, output);
        }
        else
        {
            System.Security.Cryptography.Shake128.HashData(data, output);
        }
    }
}
