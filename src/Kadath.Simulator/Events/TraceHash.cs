using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Kadath.Simulator.Events;

/// <summary>
/// The 128-bit fingerprint of a run, over every event in order: its time, kind, source, destination and exact bytes. Words are read little
/// endian, 16 bytes at a time, and folded in by 64 × 64-bit multiplication with two constants (the scheme of wyhash, whose mixing it
/// shares, with all 128 bits of state kept); a shorter rest is padded with zeros, and the length goes in before. Not a cryptographic hash:
/// it tells runs apart, it does not resist forgers.
/// </summary>
internal struct TraceHash
{
    private const ulong First = 0xA0761D6478BD642F, Second = 0xE7037ED1A0B428DB;

    private ulong _a;
    private ulong _b;

    /// <summary>Folds in an event.</summary>
    public void Add(long time, EventKind kind, int source, int destination, ReadOnlySpan<byte> bytes)
    {
        Fold((ulong)time, ((ulong)kind << 56) | (uint)bytes.Length);
        Fold(((ulong)(uint)source << 32) | (uint)destination, First);
        while (bytes.Length >= 16)
        {
            Fold(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            bytes = bytes[16..];
        }

        if (!bytes.IsEmpty)
        {
            Span<byte> rest = stackalloc byte[16];
            rest.Clear();
            bytes.CopyTo(rest);
            Fold(BinaryPrimitives.ReadUInt64LittleEndian(rest), BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
        }
    }

    private void Fold(ulong x, ulong y)
    {
        ulong high = Math.BigMul(x ^ _a ^ First, y ^ _b ^ Second, out ulong low);
        // The words go in once more beside the product: a factor of zero would swallow the other one.
        _a = BitOperations.RotateLeft(low ^ _b ^ y, 29) + First;
        _b = (high ^ _a) + x;
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override readonly string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_a:x16}{_b:x16}");
}
