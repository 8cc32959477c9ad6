using System.Buffers.Binary;

namespace Kadath.Crypto;

/// <summary>A 128-bit SipHash key.</summary>
/// <param name="K0">First eight bytes, little-endian.</param>
/// <param name="K1">Last eight bytes, little-endian.</param>
public readonly record struct SipHashKey(ulong K0, ulong K1)
{
    /// <summary>Length of an encoded key, in bytes.</summary>
    public const int Length = 16;

    /// <summary>Reads a key from its sixteen bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="key"/> is not sixteen bytes long.</exception>
    public static SipHashKey FromBytes(ReadOnlySpan<byte> key) => key.Length == Length
        ? new(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]))
        : throw new ArgumentException($"A SipHash key has {Length} bytes, not {key.Length}.", nameof(key));

    /// <summary>Says nothing of the key, which is a secret.</summary>
    public override string ToString() => nameof(SipHashKey);
}

/// <summary>SipHash-2-4 (Aumasson and Bernstein, 2012): a 64-bit keyed MAC for short messages.</summary>
public interface ISipHash : IPrimitive
{
    /// <summary>The 64-bit tag of <paramref name="data"/>; its wire form is little-endian.</summary>
    ulong Hash(SipHashKey key, ReadOnlySpan<byte> data);
}
