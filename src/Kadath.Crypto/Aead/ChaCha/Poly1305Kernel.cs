using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Poly1305 over as many blocks at once as a vector has lanes: sum and limbs as in <see cref="PolyLimbs"/>, a lane for each block.</summary>
internal static unsafe class Poly1305Kernel<TVector, TOperations>
    where TVector : unmanaged
    where TOperations : IPolyVector<TVector>
{
    private const int Limbs = 5;

    /// <summary>Takes in all whole runs of blocks, at least one, and says how many bytes these are.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Append(ref PolyLimbs hash, in PolyLimbs multiplier, byte* data, int length)
    {
        var run = 16 * TOperations.Lanes;
        var count = length / run;

        // Nine vectors each: the limbs, then four limbs times five. First the power that moves every lane by a run, then each lane's own.
        var stride = stackalloc TVector[(2 * Limbs) - 1];
        var last = stackalloc TVector[(2 * Limbs) - 1];
        WritePowers(multiplier, (ulong*)stride, (ulong*)last);

        // The sum so far belongs to the first block.
        TOperations.Load(data, out var low, out var high);
        Split(low, high, out var h0, out var h1, out var h2, out var h3, out var h4);
        var start = stackalloc TVector[Limbs];
        new Span<byte>(start, Limbs * sizeof(TVector)).Clear();
        *(ulong*)start = hash.L0;
        *(ulong*)(start + 1) = hash.L1;
        *(ulong*)(start + 2) = hash.L2;
        *(ulong*)(start + 3) = hash.L3;
        *(ulong*)(start + 4) = hash.L4;
        h0 = TOperations.Add(h0, start[0]);
        h1 = TOperations.Add(h1, start[1]);
        h2 = TOperations.Add(h2, start[2]);
        h3 = TOperations.Add(h3, start[3]);
        h4 = TOperations.Add(h4, start[4]);
        for (var i = 1; i < count; i++)
        {
            Multiply(ref h0, ref h1, ref h2, ref h3, ref h4, stride);
            TOperations.Load(data + (i * run), out low, out high);
            Split(low, high, out var m0, out var m1, out var m2, out var m3, out var m4);
            h0 = TOperations.Add(h0, m0);
            h1 = TOperations.Add(h1, m1);
            h2 = TOperations.Add(h2, m2);
            h3 = TOperations.Add(h3, m3);
            h4 = TOperations.Add(h4, m4);
        }

        Multiply(ref h0, ref h1, ref h2, ref h3, ref h4, last);
        hash = new() { L0 = Sum(h0), L1 = Sum(h1), L2 = Sum(h2), L3 = Sum(h3), L4 = Sum(h4) };
        hash.Carry();
        Erase.Span(new Span<TVector>(stride, (2 * Limbs) - 1));
        Erase.Span(new Span<TVector>(last, (2 * Limbs) - 1));
        Erase.Span(new Span<TVector>(start, Limbs));
        return count * run;
    }

    /// <summary>Writes the powers into the lanes: the block that comes first needs the highest.</summary>
    [SkipLocalsInit]
    private static void WritePowers(in PolyLimbs multiplier, ulong* stride, ulong* last)
    {
        var lanes = TOperations.Lanes;
        var powers = stackalloc PolyLimbs[lanes];
        powers[0] = multiplier;
        for (var i = 1; i < lanes; i++)
        {
            // From two that are about half as high each: most products do not wait for each other.
            powers[i] = PolyLimbs.Multiply(powers[i / 2], powers[(i - 1) / 2]);
        }

        for (var lane = 0; lane < lanes; lane++)
        {
            WriteLane(powers[lanes - 1], stride + lane, lanes);
            WriteLane(powers[lanes - 1 - TOperations.BlockOf(lane)], last + lane, lanes);
        }

        Erase.Span(new Span<PolyLimbs>(powers, lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteLane(in PolyLimbs power, ulong* at, int lanes)
    {
        at[0] = power.L0;
        at[lanes] = power.L1;
        at[2 * lanes] = power.L2;
        at[3 * lanes] = power.L3;
        at[4 * lanes] = power.L4;
        at[5 * lanes] = 5 * power.L1;
        at[6 * lanes] = 5 * power.L2;
        at[7 * lanes] = 5 * power.L3;
        at[8 * lanes] = 5 * power.L4;
    }

    /// <summary>Words into limbs, with the bit that ends every block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(TVector low, TVector high, out TVector l0, out TVector l1, out TVector l2, out TVector l3, out TVector l4)
    {
        var mask = TOperations.Create(PolyLimbs.Mask);
        l0 = TOperations.And(low, mask);
        l1 = TOperations.And(TOperations.ShiftRight(low, 26), mask);
        l2 = TOperations.And(TOperations.Or(TOperations.ShiftRight(low, 52), TOperations.ShiftLeft(high, 12)), mask);
        l3 = TOperations.And(TOperations.ShiftRight(high, 14), mask);
        l4 = TOperations.Or(TOperations.ShiftRight(high, 40), TOperations.Create(1 << 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ref TVector h0, ref TVector h1, ref TVector h2, ref TVector h3, ref TVector h4, TVector* r)
    {
        var d0 = Sum(h0, r[0], h1, r[8], h2, r[7], h3, r[6], h4, r[5]);
        var d1 = Sum(h0, r[1], h1, r[0], h2, r[8], h3, r[7], h4, r[6]);
        var d2 = Sum(h0, r[2], h1, r[1], h2, r[0], h3, r[8], h4, r[7]);
        var d3 = Sum(h0, r[3], h1, r[2], h2, r[1], h3, r[0], h4, r[8]);
        var d4 = Sum(h0, r[4], h1, r[3], h2, r[2], h3, r[1], h4, r[0]);

        // Two chains of carries at once; each limb ends at 26 bits or one more.
        var mask = TOperations.Create(PolyLimbs.Mask);
        d1 = TOperations.Add(d1, TOperations.ShiftRight(d0, 26));
        d4 = TOperations.Add(d4, TOperations.ShiftRight(d3, 26));
        d0 = TOperations.And(d0, mask);
        d3 = TOperations.And(d3, mask);
        d2 = TOperations.Add(d2, TOperations.ShiftRight(d1, 26));
        var over = TOperations.ShiftRight(d4, 26);
        d1 = TOperations.And(d1, mask);
        d4 = TOperations.And(d4, mask);
        d0 = TOperations.Add(d0, TOperations.Add(over, TOperations.ShiftLeft(over, 2)));
        d3 = TOperations.Add(d3, TOperations.ShiftRight(d2, 26));
        d2 = TOperations.And(d2, mask);
        d1 = TOperations.Add(d1, TOperations.ShiftRight(d0, 26));
        h0 = TOperations.And(d0, mask);
        d4 = TOperations.Add(d4, TOperations.ShiftRight(d3, 26));
        h3 = TOperations.And(d3, mask);
        h1 = d1;
        h2 = d2;
        h4 = d4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sum(
        TVector a0, TVector b0, TVector a1, TVector b1, TVector a2, TVector b2, TVector a3, TVector b3, TVector a4, TVector b4) =>
        TOperations.Add(
            TOperations.Add(TOperations.Multiply(a0, b0), TOperations.Multiply(a1, b1)),
            TOperations.Add(TOperations.Add(TOperations.Multiply(a2, b2), TOperations.Multiply(a3, b3)), TOperations.Multiply(a4, b4)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Sum(TVector lanes)
    {
        var words = (ulong*)&lanes;
        var sum = 0UL;
        for (var i = 0; i < TOperations.Lanes; i++)
        {
            sum += words[i];
        }

        return sum;
    }
}
