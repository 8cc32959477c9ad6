using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>Where the bytes of key material come from: ephemeral keys, encapsulation coins, hedging, ticket keys, hello randoms.</summary>
/// <remarks>
/// A type of its own, apart from the seed tree (<c>EntropyStream</c>): what a simulation or a log may replay must never be a key.
/// Nobody outside this library can derive from it, so that a product has <see cref="OperatingSystem"/> and nothing else; a seeded
/// twin exists in the simulator and in tests only, and a test of the architecture keeps it there.
/// </remarks>
public abstract class KeyEntropy
{
    internal KeyEntropy()
    {
    }

    /// <summary>The operating system's generator. May be used on every thread.</summary>
    public static KeyEntropy OperatingSystem { get; } = new OperatingSystemEntropy();

    /// <summary>Fills the span with bytes that nobody can predict.</summary>
    public abstract void Fill(Span<byte> bytes);

    private sealed class OperatingSystemEntropy : KeyEntropy
    {
#pragma warning disable RS0030 // The one place below the drivers that may ask the operating system: keys do not come from the seed tree.
        public override void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
    }
}
