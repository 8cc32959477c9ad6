using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>Expands seeds to polynomials, several at a time (FIPS 203 sections 4.1 and 4.2.2).</summary>
internal sealed class MlKemSampling(MlKemRing ring, VectorWidth width)
{
    // Three blocks of SHAKE128 hold enough numbers for 99 of 100 polynomials; the others go on alone.
    private const int BlocksAtFirst = 3;
    private const int StreamWords = (BlocksAtFirst * Sponge.Shake128Rate / 8) + 1;

    /// <summary>The public matrix Â of a seed ρ, row by row.</summary>
    /// <param name="seed">ρ, 32 bytes.</param>
    /// <param name="rank">Rows and columns.</param>
    /// <param name="matrix">Its polynomials and <see cref="MlKemRing.SampleSlack"/> further coefficients.</param>
    public void ExpandMatrix(ReadOnlySpan<byte> seed, int rank, Span<short> matrix)
    {
        Span<ulong> storage = stackalloc ulong[ShakeLanes.MaxWords];
        Span<ulong> streams = stackalloc ulong[8 * StreamWords];
        Span<byte> message = stackalloc byte[MlKemParameters.SeedBytes + 2];
        seed.CopyTo(message);
        for (var done = 0; done < rank * rank;)
        {
            var count = Math.Min(rank * rank - done, 8);
            var lanes = new ShakeLanes(storage, ShakeLanes.CountFor(count, width), Sponge.Shake128Rate);
            count = Math.Min(count, lanes.Count);
            for (var lane = 0; lane < count; lane++)
            {
                (var row, message[^2]) = Math.DivRem((byte)(done + lane), (byte)rank);
                message[^1] = row;
                lanes.Absorb(lane, message);
            }

            lanes.Squeeze(BlocksAtFirst, count, streams, StreamWords);

            // In order, for each may write a little over its end.
            for (var lane = 0; lane < count; lane++, done++)
            {
                var polynomial = matrix.Slice(done * MlKemParameters.N, MlKemParameters.N + MlKemRing.SampleSlack);
                var stream = MemoryMarshal.AsBytes(streams.Slice(lane * StreamWords, StreamWords));
                var filled = ring.SampleUniform(stream, BlocksAtFirst * Sponge.Shake128Rate, polynomial, 0);
                if (filled < MlKemParameters.N)
                {
                    Continue(lanes, lane, polynomial, filled);
                }
            }
        }
    }

    /// <summary>Noise polynomials of a secret seed and successive numbers (PRF and SamplePolyCBD).</summary>
    public void ExpandNoise(ReadOnlySpan<byte> seed, int firstNumber, int eta, Span<short> polynomials)
    {
        Span<ulong> storage = stackalloc ulong[ShakeLanes.MaxWords];
        Span<ulong> random = stackalloc ulong[2 * Sponge.Shake256Rate / 8];
        Span<byte> message = stackalloc byte[MlKemParameters.SeedBytes + 1];
        seed.CopyTo(message);
        var words = 8 * eta;
        var total = polynomials.Length / MlKemParameters.N;
        for (var done = 0; done < total;)
        {
            var lanes = new ShakeLanes(storage, ShakeLanes.CountFor(total - done, width), Sponge.Shake256Rate);
            var count = Math.Min(total - done, lanes.Count);
            for (var lane = 0; lane < count; lane++)
            {
                message[^1] = (byte)(firstNumber + done + lane);
                lanes.Absorb(lane, message);
            }

            lanes.Permute();
            for (var lane = 0; lane < count; lane++, done++)
            {
                // The second block, where 64η bytes need one, comes from a copy of the state.
                var sample = random[..words];
                lanes.CopyTo(lane, sample[..Math.Min(words, Sponge.Shake256Rate / 8)]);
                if (words > Sponge.Shake256Rate / 8)
                {
                    SecondBlock(lanes, lane, sample[(Sponge.Shake256Rate / 8)..]);
                }

                ring.SampleNoise(MemoryMarshal.AsBytes(random), eta, polynomials.Slice(done * MlKemParameters.N, MlKemParameters.N));
            }
        }

        Erase.Span(storage);
        Erase.Span(random);
        Erase.Span(message);
    }

    private static void SecondBlock(in ShakeLanes lanes, int lane, Span<ulong> block)
    {
        Span<ulong> state = stackalloc ulong[Keccak.Words];
        lanes.CopyTo(lane, state);
        Keccak.Permute(state);
        state[..block.Length].CopyTo(block);
        Erase.Span(state);
    }

    private void Continue(in ShakeLanes lanes, int lane, Span<short> polynomial, int filled)
    {
        Span<ulong> state = stackalloc ulong[Keccak.Words];
        lanes.CopyTo(lane, state);
        while (filled < MlKemParameters.N)
        {
            Keccak.Permute(state);
            filled = ring.SampleUniform(MemoryMarshal.AsBytes(state), Sponge.Shake128Rate, polynomial, filled);
        }
    }
}
