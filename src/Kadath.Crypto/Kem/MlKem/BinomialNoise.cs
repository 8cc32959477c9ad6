using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Centred binomial noise in portable code (FIPS 203 algorithm 8): differences of sums of η bits, all sums of a word at once.</summary>
internal static class BinomialNoise
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sample(ReadOnlySpan<byte> random, int eta, Span<short> polynomial)
    {
        if (eta == 2)
        {
            SampleTwo(random, polynomial);
        }
        else
        {
            SampleThree(random, polynomial);
        }
    }

    private static void SampleTwo(ReadOnlySpan<byte> random, Span<short> polynomial)
    {
        for (var i = 0; i < MlKemParameters.N; i += 8)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(random[(i / 2)..]);
            var sums = (bits & 0x55555555) + ((bits >> 1) & 0x55555555);
            for (var j = 0; j < 8; j++, sums >>= 4)
            {
                polynomial[i + j] = (short)((int)(sums & 3) - (int)((sums >> 2) & 3));
            }
        }
    }

    private static void SampleThree(ReadOnlySpan<byte> random, Span<short> polynomial)
    {
        const uint every_third = 0x00249249;
        for (var i = 0; i < MlKemParameters.N; i += 4)
        {
            var at = i / 4 * 3;
            var bits = random[at] | ((uint)random[at + 1] << 8) | ((uint)random[at + 2] << 16);
            var sums = (bits & every_third) + ((bits >> 1) & every_third) + ((bits >> 2) & every_third);
            for (var j = 0; j < 4; j++, sums >>= 6)
            {
                polynomial[i + j] = (short)((int)(sums & 7) - (int)((sums >> 3) & 7));
            }
        }
    }
}
