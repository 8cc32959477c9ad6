using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>Expands seeds to polynomials, several at a time (FIPS 204 section 7.3).</summary>
/// <remarks>How many numbers of a secret stream are out of range can be timed; it is independent of those that are kept. Nothing else can.</remarks>
[SkipLocalsInit]
internal sealed class MlDsaSampling(MlDsaParameters parameters, VectorWidth width)
{
    private const int N = MlDsaParameters.N;

    // Five blocks of SHAKE128 hold 280 numbers, of which one in a thousand is out of range: nearly always enough.
    private const int MatrixBlocks = 5;

    // Two blocks of SHAKE256 hold 544 nibbles, of which 9 or 15 of 16 are in range.
    private const int SecretBlocks = 2;

    // 256 numbers of 18 or 20 bits.
    private const int MaskBlocks = 5;

    /// <summary>The public matrix Â of a seed ρ, row by row (ExpandA, algorithm 32).</summary>
    public void ExpandMatrix(ReadOnlySpan<byte> seed, Span<int> matrix)
    {
        const int rate = Sponge.Shake128Rate, stride = (MatrixBlocks * rate / 8) + 1;
        Span<ulong> storage = stackalloc ulong[ShakeLanes.MaxWords];
        Span<ulong> streams = stackalloc ulong[8 * stride];
        Span<byte> message = stackalloc byte[MlDsaParameters.SeedBytes + 2];
        seed.CopyTo(message);
        var total = parameters.K * parameters.L;
        for (var done = 0; done < total;)
        {
            var lanes = new ShakeLanes(storage, ShakeLanes.CountFor(total - done, width), rate);
            var count = Math.Min(total - done, lanes.Count);
            for (var lane = 0; lane < count; lane++)
            {
                (var row, var column) = Math.DivRem(done + lane, parameters.L);
                (message[^2], message[^1]) = ((byte)column, (byte)row);
                lanes.Absorb(lane, message);
            }

            lanes.Squeeze(MatrixBlocks, count, streams, stride);
            for (var lane = 0; lane < count; lane++, done++)
            {
                var polynomial = matrix.Slice(done * N, N);
                var filled = SampleUniform(MemoryMarshal.AsBytes(streams.Slice(lane * stride, stride)), MatrixBlocks * rate, polynomial, 0);
                if (filled < N)
                {
                    ContinueUniform(lanes, lane, polynomial, filled);
                }
            }
        }
    }

    /// <summary>Polynomials of small coefficients from a secret seed and successive numbers (ExpandS, algorithm 33).</summary>
    public void ExpandSecrets(ReadOnlySpan<byte> seed, Span<int> polynomials)
    {
        const int rate = Sponge.Shake256Rate, stride = SecretBlocks * rate / 8;
        Span<ulong> storage = stackalloc ulong[ShakeLanes.MaxWords];
        Span<ulong> streams = stackalloc ulong[8 * stride];
        var total = polynomials.Length / N;
        for (var done = 0; done < total;)
        {
            var lanes = Numbered(storage, seed, done, total - done);
            var count = Math.Min(total - done, lanes.Count);
            lanes.Squeeze(SecretBlocks, count, streams, stride);
            for (var lane = 0; lane < count; lane++, done++)
            {
                var polynomial = polynomials.Slice(done * N, N);
                var filled = SampleSmall(MemoryMarshal.AsBytes(streams.Slice(lane * stride, stride)), polynomial, 0);
                if (filled < N)
                {
                    ContinueSmall(lanes, lane, polynomial, filled);
                }
            }
        }

        Erase.Span(storage);
        Erase.Span(streams);
    }

    /// <summary>The mask y of an attempt (ExpandMask, algorithm 34).</summary>
    public void ExpandMask(ReadOnlySpan<byte> seed, int firstNumber, Span<int> polynomials)
    {
        const int rate = Sponge.Shake256Rate, stride = MaskBlocks * rate / 8;
        Span<ulong> storage = stackalloc ulong[ShakeLanes.MaxWords];
        Span<ulong> streams = stackalloc ulong[8 * stride];
        var total = polynomials.Length / N;
        for (var done = 0; done < total;)
        {
            var lanes = Numbered(storage, seed, firstNumber + done, total - done);
            var count = Math.Min(total - done, lanes.Count);
            lanes.Squeeze(MaskBlocks, count, streams, stride);
            for (var lane = 0; lane < count; lane++, done++)
            {
                var polynomial = polynomials.Slice(done * N, N);
                MlDsaEncoding.Unpack(MemoryMarshal.AsBytes(streams.Slice(lane * stride, stride)), parameters.ResponseBits, polynomial);
                MlDsaEncoding.SubtractFrom(parameters.Gamma1, polynomial);
            }
        }

        Erase.Span(storage);
        Erase.Span(streams);
    }

    /// <summary>The challenge c of a commitment hash c̃ (SampleInBall, algorithm 29), which a signature publishes.</summary>
    public void ExpandChallenge(ReadOnlySpan<byte> seed, Span<int> polynomial)
    {
        var sponge = Sponge.Shake256();
        sponge.Absorb(seed);
        sponge.Finish();
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        sponge.Squeeze(random);
        var signs = BinaryPrimitives.ReadUInt64LittleEndian(random);
        polynomial.Clear();
        for (var i = N - parameters.Tau; i < N; i++, signs >>= 1)
        {
            do
            {
                sponge.Squeeze(random[..1]);
            }
            while (random[0] > i);

            polynomial[i] = polynomial[random[0]];
            polynomial[random[0]] = 1 - (2 * (int)(signs & 1));
        }

        Erase.Value(ref sponge);
    }

    /// <summary>States that have taken in the seed and successive numbers of 16 bits.</summary>
    private ShakeLanes Numbered(Span<ulong> storage, ReadOnlySpan<byte> seed, int firstNumber, int wanted)
    {
        Span<byte> message = stackalloc byte[MlDsaParameters.LongSeedBytes + 2];
        seed.CopyTo(message);
        var lanes = new ShakeLanes(storage, ShakeLanes.CountFor(wanted, width), Sponge.Shake256Rate);
        for (var lane = 0; lane < Math.Min(wanted, lanes.Count); lane++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(message[^2..], (ushort)(firstNumber + lane));
            lanes.Absorb(lane, message);
        }

        Erase.Span(message);
        return lanes;
    }

    private static void ContinueUniform(in ShakeLanes lanes, int lane, Span<int> polynomial, int filled)
    {
        Span<ulong> state = stackalloc ulong[Keccak.Words];
        for (lanes.CopyTo(lane, state); filled < N;)
        {
            Keccak.Permute(state);
            filled = SampleUniform(MemoryMarshal.AsBytes(state), Sponge.Shake128Rate, polynomial, filled);
        }
    }

    private void ContinueSmall(in ShakeLanes lanes, int lane, Span<int> polynomial, int filled)
    {
        Span<ulong> state = stackalloc ulong[Keccak.Words];
        for (lanes.CopyTo(lane, state); filled < N;)
        {
            Keccak.Permute(state);
            filled = SampleSmall(MemoryMarshal.AsBytes(state)[..Sponge.Shake256Rate], polynomial, filled);
        }

        Erase.Span(state);
    }

    /// <summary>RejNTTPoly: numbers of 23 bits below q, public. Eight bytes beyond <paramref name="length"/> are readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SampleUniform(ReadOnlySpan<byte> random, int length, Span<int> polynomial, int filled)
    {
        ref var source = ref MemoryMarshal.GetReference(random[..(length + 8)]);
        var at = 0;
        if (Avx2.IsSupported)
        {
            var spread = Vector256.Create(0, 1, 2, 0, 3, 4, 5, 0);
            var triples = Vector256.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255, 0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
            for (; at + 24 <= length && filled + 8 <= N; at += 24)
            {
                var bytes = Vector256.LoadUnsafe(ref source, (nuint)at);
                var numbers = Avx2.Shuffle(Avx2.PermuteVar8x32(bytes.AsInt32(), spread).AsByte(), triples).AsInt32() & Vector256.Create(0x7fffff);
                if (Vector256.GreaterThanOrEqualAny(numbers, Vector256.Create(MlDsaParameters.Q)))
                {
                    filled = SampleUniformOneByOne(random[at..(at + 24)], polynomial, filled);
                    continue;
                }

                numbers.CopyTo(polynomial[filled..]);
                filled += 8;
            }
        }

        return SampleUniformOneByOne(random[at..length], polynomial, filled);
    }

    private static int SampleUniformOneByOne(ReadOnlySpan<byte> random, Span<int> polynomial, int filled)
    {
        for (var i = 0; i + 2 < random.Length && filled < N; i += 3)
        {
            var number = random[i] | (random[i + 1] << 8) | ((random[i + 2] & 0x7f) << 16);
            if (number < MlDsaParameters.Q)
            {
                polynomial[filled++] = number;
            }
        }

        return filled;
    }

    /// <summary>RejBoundedPoly: nibbles that give a number between -η and η. Each is written where the next kept one belongs.</summary>
    private int SampleSmall(ReadOnlySpan<byte> random, Span<int> polynomial, int filled)
    {
        // For η = 2 a nibble counts modulo five.
        var eta = parameters.Eta;
        var (limit, modulus) = eta == 2 ? (15, 5) : (9, 0);
        for (var i = 0; i < 2 * random.Length && filled < N; i++)
        {
            var nibble = (random[i >> 1] >> (4 * (i & 1))) & 15;
            polynomial[filled] = eta - (nibble - (modulus * ((205 * nibble) >> 10)));
            filled += (nibble - limit) >>> 31;
        }

        return filled;
    }
}
