using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Kadath.Crypto.BikeL1;

namespace Kadath.Crypto;

/// <summary>BIKE-L1 of round 4 (specification 5.1 of 2022-10-10, with SHAKE and SHA-3) in C#. Experimental.</summary>
/// <remarks>
/// A key is for one encapsulation: that decoding fails so rarely that its failures tell nothing of the key is not proven.
/// A private key is imported as 64 bytes: the seed of (h0, h1), then σ. An encapsulation key with bits beyond the last coefficient is refused.
/// </remarks>
[SkipLocalsInit]
public sealed class ManagedBike : IKem
{
    private readonly BikeRing _ring;

    internal ManagedBike(VectorWidth width) => _ring = BikeRing.For(VectorWidths.AtMost(width));

    /// <summary>BIKE-L1.</summary>
    public static ManagedBike BikeL1 { get; } = new(VectorWidth.Bits512);

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int EncapsulationKeyBytes => PolynomialBytes;

    /// <inheritdoc/>
    public int CiphertextBytes => Crypto.BikeL1.CiphertextBytes;

    /// <inheritdoc/>
    public int SecretBytes => SeedBytes;

    /// <inheritdoc/>
    public KemPrivateKey Generate(KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Span<byte> seeds = stackalloc byte[2 * SeedBytes];
        entropy.Fill(seeds);
        var key = new PrivateKey(_ring, seeds);
        Erase.Span(seeds);
        return key;
    }

    /// <inheritdoc/>
    public KemPrivateKey? Import(ReadOnlySpan<byte> seedOrKey) => seedOrKey.Length == 2 * SeedBytes ? new PrivateKey(_ring, seedOrKey) : null;

    /// <inheritdoc/>
    public bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, KeyEntropy entropy, Span<byte> ciphertext, Span<byte> secret)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Destination.Check(ciphertext, CiphertextBytes, nameof(ciphertext));
        Destination.Check(secret, SecretBytes, nameof(secret));
        Span<ulong> key = stackalloc ulong[BufferWords];
        if (encapsulationKey.Length != EncapsulationKeyBytes || !BikeRing.TryRead(encapsulationKey, key))
        {
            return false;
        }

        Span<byte> message = stackalloc byte[SeedBytes];
        Span<ulong> error = stackalloc ulong[2 * BufferWords];
        Span<ulong> sum = stackalloc ulong[BufferWords];
        entropy.Fill(message);
        ciphertext = ciphertext[..CiphertextBytes];
        BikeSampling.ExpandError(message, error[..BufferWords], error[BufferWords..]);
        _ring.Multiply(error[BufferWords..], key, sum);
        BikeRing.Add(sum, error[..BufferWords]);
        BikeRing.Write(sum, ciphertext);
        Mask(error, message, ciphertext[PolynomialBytes..]);
        DeriveSecret(message, ciphertext, secret);
        Erase.Span(message);
        Erase.Span(error);
        return true;
    }

    /// <summary>The exclusive or of a message with L(e0, e1), which makes c1 and takes it away.</summary>
    private static void Mask(ReadOnlySpan<ulong> error, ReadOnlySpan<byte> message, Span<byte> masked)
    {
        Span<byte> bytes = stackalloc byte[2 * PolynomialBytes];
        Span<byte> hash = stackalloc byte[48];
        BikeRing.Write(error[..BufferWords], bytes);
        BikeRing.Write(error[BufferWords..], bytes[PolynomialBytes..]);
        Sponge.Hash(Sponge.Sha3Rate384, Sponge.Sha3Suffix, bytes, [], hash);
        for (var i = 0; i < SeedBytes; i++)
        {
            masked[i] = (byte)(message[i] ^ hash[i]);
        }

        Erase.Span(bytes);
        Erase.Span(hash);
    }

    /// <summary>K(m, c0, c1).</summary>
    private static void DeriveSecret(ReadOnlySpan<byte> message, ReadOnlySpan<byte> ciphertext, Span<byte> secret)
    {
        Span<byte> hash = stackalloc byte[48];
        Sponge.Hash(Sponge.Sha3Rate384, Sponge.Sha3Suffix, message, ciphertext, hash);
        hash[..SeedBytes].CopyTo(secret);
        Erase.Span(hash);
    }

    [SkipLocalsInit]
    private sealed class PrivateKey : KemPrivateKey
    {
        private readonly BikeRing _ring;

        // h0 and h1, h, the positions of the ones of h0 and h1, σ.
        private readonly SecretMemory _memory = new((sizeof(ulong) * 3 * BufferWords) + (sizeof(int) * 2 * Weight) + SeedBytes);

        public PrivateKey(BikeRing ring, ReadOnlySpan<byte> seeds)
        {
            _ring = ring;
            Expand(seeds);
        }

        private Span<ulong> Key => MemoryMarshal.Cast<byte, ulong>(_memory.Bytes)[..(2 * BufferWords)];

        private Span<ulong> PublicKey => MemoryMarshal.Cast<byte, ulong>(_memory.Bytes).Slice(2 * BufferWords, BufferWords);

        private Span<int> Positions => MemoryMarshal.Cast<byte, int>(_memory.Bytes[(sizeof(ulong) * 3 * BufferWords)..^SeedBytes]);

        /// <summary>σ, from which the secret of a ciphertext that was tampered with is made.</summary>
        private Span<byte> Rejection => _memory.Bytes[^SeedBytes..];

        public override void CopyEncapsulationKey(Span<byte> encapsulationKey)
        {
            Destination.Check(encapsulationKey, PolynomialBytes, nameof(encapsulationKey));
            BikeRing.Write(PublicKey, encapsulationKey);
            GC.KeepAlive(this);
        }

        public override bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> secret)
        {
            Destination.Check(secret, SeedBytes, nameof(secret));
            var positions = Positions;
            if (ciphertext.Length != Crypto.BikeL1.CiphertextBytes)
            {
                return false;
            }

            Span<ulong> sum = stackalloc ulong[BufferWords];
            Span<ulong> error = stackalloc ulong[2 * BufferWords];
            Span<ulong> again = stackalloc ulong[2 * BufferWords];
            Span<byte> message = stackalloc byte[SeedBytes];

            // Bits beyond the last coefficient are hashed and otherwise ignored, as the reference implementation does.
            BikeRing.TryRead(ciphertext, sum);
            sum[Words - 1] &= (1UL << LastBits) - 1;
            BikeDecoder.Decode(_ring, positions, Key, sum, error);
            Mask(error, ciphertext[PolynomialBytes..], message);
            BikeSampling.ExpandError(message, again[..BufferWords], again[BufferWords..]);
            var differ = ConstantTime.DifferenceMask(MemoryMarshal.AsBytes(error), MemoryMarshal.AsBytes(again));
            ConstantTime.Select(differ, Rejection, message, message);
            DeriveSecret(message, ciphertext, secret);
            Erase.Span(error);
            Erase.Span(again);
            Erase.Span(message);
            GC.KeepAlive(this);
            return true;
        }

        public override void Dispose() => _memory.Dispose();

        private void Expand(ReadOnlySpan<byte> seeds)
        {
            Span<ulong> inverse = stackalloc ulong[BufferWords];
            var key = Key;
            var positions = Positions;
            BikeSampling.ExpandKey(seeds[..SeedBytes], positions[..Weight], positions[Weight..]);
            BikeSampling.SetBits(positions[..Weight], 0, key[..BufferWords]);
            BikeSampling.SetBits(positions[Weight..], 0, key[BufferWords..]);
            _ring.Invert(key[..BufferWords], inverse);
            _ring.Multiply(key[BufferWords..], inverse, PublicKey);
            seeds[SeedBytes..].CopyTo(Rejection);
            Erase.Span(inverse);
            GC.KeepAlive(this);
        }
    }
}
