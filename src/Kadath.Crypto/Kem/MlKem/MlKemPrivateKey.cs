using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>A private key of ML-KEM with what decapsulation needs of its public half.</summary>
[SkipLocalsInit]
internal sealed class MlKemPrivateKey : KemPrivateKey
{
    private const int SeedBytes = MlKemParameters.SeedBytes;

    private readonly MlKemParameters _parameters;
    private readonly KPke _pke;

    // ŝ, t̂, Â in coefficients; then H(ek), z and ek.
    private readonly SecretMemory _memory;

    private MlKemPrivateKey(MlKemParameters parameters, KPke pke)
    {
        (_parameters, _pke) = (parameters, pke);
        _memory = new((sizeof(short) * ((2 * pke.VectorLength) + pke.MatrixLength)) + (2 * SeedBytes) + parameters.EncapsulationKeyBytes);
    }

    private Parts Open() => new(_memory.Bytes, _pke);

    /// <summary>ML-KEM.KeyGen_internal (FIPS 203 algorithm 16).</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="pke">Its encryption.</param>
    /// <param name="seed">d ‖ z.</param>
    public static MlKemPrivateKey FromSeed(MlKemParameters parameters, KPke pke, ReadOnlySpan<byte> seed)
    {
        var key = new MlKemPrivateKey(parameters, pke);
        var parts = key.Open();
        pke.GenerateKey(seed[..SeedBytes], parts.Matrix, parts.Key, parts.Secret, parts.EncapsulationKey);
        Sponge.Hash(Sponge.Sha3Rate256, Sponge.Sha3Suffix, parts.EncapsulationKey, [], parts.KeyHash);
        seed[SeedBytes..].CopyTo(parts.Rejection);
        GC.KeepAlive(key);
        return key;
    }

    /// <summary>Takes ŝ ‖ ek ‖ H(ek) ‖ z, with the checks of FIPS 203 section 7.3.</summary>
    /// <returns>Null when the hash is not that of ek, or a coefficient is not below q.</returns>
    public static MlKemPrivateKey? FromExpanded(MlKemParameters parameters, KPke pke, ReadOnlySpan<byte> expanded)
    {
        var secretBytes = MlKemParameters.PolynomialBytes * parameters.K;
        var key = new MlKemPrivateKey(parameters, pke);
        var parts = key.Open();
        BitPacking.Unpack(expanded[..secretBytes], 12, parts.Secret);
        expanded.Slice(secretBytes, parameters.EncapsulationKeyBytes).CopyTo(parts.EncapsulationKey);
        expanded[^SeedBytes..].CopyTo(parts.Rejection);
        Sponge.Hash(Sponge.Sha3Rate256, Sponge.Sha3Suffix, parts.EncapsulationKey, [], parts.KeyHash);
        pke.ExpandMatrix(parts.EncapsulationKey, parts.Matrix);
        var excess = 0;
        foreach (var c in parts.Secret)
        {
            excess |= MlKemParameters.Q - 1 - c;
        }

        // That a coefficient of the secret is out of range says nothing of the others: such a key is not used.
        var good = pke.TryDecodeKey(parts.EncapsulationKey, parts.Key) & (excess >= 0)
            & ConstantTime.AreEqual(parts.KeyHash, expanded[^(2 * SeedBytes)..^SeedBytes]);
        GC.KeepAlive(key);
        if (good)
        {
            return key;
        }

        key.Dispose();
        return null;
    }

    public override void CopyEncapsulationKey(Span<byte> encapsulationKey)
    {
        Destination.Check(encapsulationKey, _parameters.EncapsulationKeyBytes, nameof(encapsulationKey));
        Open().EncapsulationKey.CopyTo(encapsulationKey);
        GC.KeepAlive(this);
    }

    /// <summary>ML-KEM.Decaps_internal (FIPS 203 algorithm 18).</summary>
    public override bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> secret)
    {
        Destination.Check(secret, SeedBytes, nameof(secret));
        var parts = Open();
        if (ciphertext.Length != _parameters.CiphertextBytes)
        {
            return false;
        }

        Span<byte> message = stackalloc byte[2 * SeedBytes];
        Span<byte> output = stackalloc byte[2 * SeedBytes];
        Span<byte> rejected = stackalloc byte[SeedBytes];
        Span<byte> again = stackalloc byte[MlKemParameters.MlKem1024.CiphertextBytes];
        again = again[..ciphertext.Length];
        _pke.Decrypt(parts.Secret, ciphertext, message[..SeedBytes]);
        parts.KeyHash.CopyTo(message[SeedBytes..]);
        Sponge.Hash(Sponge.Sha3Rate512, Sponge.Sha3Suffix, message, [], output);
        Sponge.Hash(Sponge.Shake256Rate, Sponge.ShakeSuffix, parts.Rejection, ciphertext, rejected);
        _pke.Encrypt(parts.Matrix, parts.Key, message[..SeedBytes], output[SeedBytes..], again);
        var differ = ConstantTime.DifferenceMask(ciphertext, again);
        ConstantTime.Select(differ, rejected, output[..SeedBytes], secret[..SeedBytes]);
        Erase.Span(message);
        Erase.Span(output);
        Erase.Span(rejected);
        Erase.Span(again);
        GC.KeepAlive(this);
        return true;
    }

    public override void Dispose() => _memory.Dispose();

    private readonly ref struct Parts
    {
        public Parts(Span<byte> memory, KPke pke)
        {
            var coefficients = MemoryMarshal.Cast<byte, short>(memory);
            Secret = coefficients[..pke.VectorLength];
            Key = coefficients.Slice(pke.VectorLength, pke.VectorLength);
            Matrix = coefficients.Slice(2 * pke.VectorLength, pke.MatrixLength);
            var rest = memory[(sizeof(short) * ((2 * pke.VectorLength) + pke.MatrixLength))..];
            KeyHash = rest[..SeedBytes];
            Rejection = rest[SeedBytes..(2 * SeedBytes)];
            EncapsulationKey = rest[(2 * SeedBytes)..];
        }

        public Span<short> Secret { get; }

        public Span<short> Key { get; }

        public Span<short> Matrix { get; }

        public Span<byte> KeyHash { get; }

        /// <summary>z, from which the secret of a ciphertext that was tampered with is made.</summary>
        public Span<byte> Rejection { get; }

        public Span<byte> EncapsulationKey { get; }
    }
}
