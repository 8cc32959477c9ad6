using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>ML-KEM (FIPS 203) in C#, on AVX2 and AVX-512 where the processor has them.</summary>
/// <remarks>
/// <para>An imported key is d ‖ z (64 bytes) or the expanded decapsulation key, of which the modulus and the hash are checked.</para>
/// <para>Constant-time in everything but the public matrix and the lengths. A private key keeps the matrix, so that decapsulation expands no seed.</para>
/// </remarks>
[SkipLocalsInit]
public sealed class ManagedMlKem : IKem
{
    private readonly MlKemParameters _parameters;
    private readonly KPke _pke;

    internal ManagedMlKem(MlKemParameters parameters, VectorWidth width)
    {
        _parameters = parameters;
        _pke = new(parameters, VectorWidths.AtMost(width));
    }

    /// <summary>ML-KEM-512.</summary>
    public static ManagedMlKem MlKem512 { get; } = new(MlKemParameters.MlKem512, VectorWidth.Bits512);

    /// <summary>ML-KEM-768.</summary>
    public static ManagedMlKem MlKem768 { get; } = new(MlKemParameters.MlKem768, VectorWidth.Bits512);

    /// <summary>ML-KEM-1024.</summary>
    public static ManagedMlKem MlKem1024 { get; } = new(MlKemParameters.MlKem1024, VectorWidth.Bits512);

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int EncapsulationKeyBytes => _parameters.EncapsulationKeyBytes;

    /// <inheritdoc/>
    public int CiphertextBytes => _parameters.CiphertextBytes;

    /// <inheritdoc/>
    public int SecretBytes => MlKemParameters.SeedBytes;

    /// <inheritdoc/>
    public KemPrivateKey Generate(KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Span<byte> seed = stackalloc byte[2 * MlKemParameters.SeedBytes];
        entropy.Fill(seed);
        var key = MlKemPrivateKey.FromSeed(_parameters, _pke, seed);
        Erase.Span(seed);
        return key;
    }

    /// <inheritdoc/>
    public KemPrivateKey? Import(ReadOnlySpan<byte> seedOrKey) =>
        seedOrKey.Length == 2 * MlKemParameters.SeedBytes ? MlKemPrivateKey.FromSeed(_parameters, _pke, seedOrKey)
        : seedOrKey.Length == _parameters.DecapsulationKeyBytes ? MlKemPrivateKey.FromExpanded(_parameters, _pke, seedOrKey)
        : null;

    /// <inheritdoc/>
    public bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, KeyEntropy entropy, Span<byte> ciphertext, Span<byte> secret)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Destination.Check(ciphertext, CiphertextBytes, nameof(ciphertext));
        Destination.Check(secret, SecretBytes, nameof(secret));
        if (encapsulationKey.Length != EncapsulationKeyBytes)
        {
            return false;
        }

        Span<short> key = stackalloc short[4 * MlKemParameters.N];
        Span<short> matrix = stackalloc short[(4 * 4 * MlKemParameters.N) + MlKemRing.SampleSlack];
        key = key[.._pke.VectorLength];
        if (!_pke.TryDecodeKey(encapsulationKey, key))
        {
            return false;
        }

        _pke.ExpandMatrix(encapsulationKey, matrix);
        Span<byte> message = stackalloc byte[2 * MlKemParameters.SeedBytes];
        Span<byte> output = stackalloc byte[2 * MlKemParameters.SeedBytes];
        entropy.Fill(message[..MlKemParameters.SeedBytes]);
        Sponge.Hash(Sponge.Sha3Rate256, Sponge.Sha3Suffix, encapsulationKey, [], message[MlKemParameters.SeedBytes..]);
        Sponge.Hash(Sponge.Sha3Rate512, Sponge.Sha3Suffix, message, [], output);
        _pke.Encrypt(matrix, key, message[..MlKemParameters.SeedBytes], output[MlKemParameters.SeedBytes..], ciphertext);
        output[..MlKemParameters.SeedBytes].CopyTo(secret);
        Erase.Span(message);
        Erase.Span(output);
        return true;
    }
}
