using System.Runtime.CompilerServices;

namespace Kadath.Kademlia;

/// <summary>
/// How much each key used of late, in a count-min sketch: two rows under a secret, each cell a count in sixteenths that fades with every step, to a
/// half in five. A key is never counted too low; it is counted too high only by keys that share both its cells, which a peer cannot choose.
/// </summary>
internal sealed class ShareSketch(int bits, ulong secret)
{
    private const uint MaxCount = (1 << 20) - 1;

    // 2^(-age/5) in 1/65536: a step of the budget is 50 ms, the half-life 250 ms. What is older than 3 s is forgotten.
    private static readonly uint[] Fading = [.. Enumerable.Range(0, 60).Select(age => (uint)(65536 * Math.Pow(2, -age / 5.0)))];

    // 12 bits of step, 20 of count.
    private readonly uint[] _cells = new uint[2 << bits];
    private readonly int _mask = (1 << bits) - 1;

    /// <summary>Where a key is counted.</summary>
    public ulong HashOf(ulong key)
    {
        ulong high = Math.BigMul(key ^ secret, 0xA0761D6478BD642FUL ^ (secret << 7), out ulong low);
        high = Math.BigMul(high ^ low, secret | 1, out low);
        return high ^ low;
    }

    /// <summary>The key's count so far, by its <see cref="HashOf"/>.</summary>
    public double Count(ulong hash, long step) =>
        Math.Min(Read(Row0(hash), step), Read(Row1(hash), step)) / 16.0;

    /// <summary>Adds to the key's count; true if this is the key's first in this step (or nearly: another key may share its cell).</summary>
    public bool Add(ulong hash, uint amount, long step)
    {
        bool first = _cells[Row0(hash)] >> 20 != (step & 0xFFF);
        Write(Row0(hash), 16 * amount, step);
        Write(Row1(hash), 16 * amount, step);
        return first;
    }

    private int Row0(ulong hash) => (int)hash & _mask;

    private int Row1(ulong hash) => ((int)(hash >> 32) & _mask) + _mask + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Read(int cell, long step)
    {
        uint value = _cells[cell];
        int age = (int)((step - (value >> 20)) & 0xFFF);
        return age >= Fading.Length ? 0 : (uint)(((ulong)(value & MaxCount) * Fading[age]) >> 16);
    }

    private void Write(int cell, uint amount, long step) =>
        _cells[cell] = ((uint)(step & 0xFFF) << 20) | Math.Min(Read(cell, step) + amount, MaxCount);
}
