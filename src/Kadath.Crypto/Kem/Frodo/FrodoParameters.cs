namespace Kadath.Crypto;

/// <summary>A parameter set of FrodoKEM (ISO proposal of 2023-03-14, section 8) or of its ephemeral variant.</summary>
/// <param name="Name">The proposal's name.</param>
/// <param name="N">Rows and columns of the matrix A.</param>
/// <param name="ModulusBits">log₂ of q.</param>
/// <param name="EncodedBits">Bits of the message that a coefficient carries.</param>
/// <param name="SecretBytes">Length of the message, the shared secret, the rejection secret and the key's hash.</param>
/// <param name="NoiseSeedBytes">Length of seedSE.</param>
/// <param name="SaltBytes">Length of the salt; the ephemeral variant has none.</param>
/// <param name="UsesAes">Whether A comes from AES-128 rather than from SHAKE128.</param>
internal sealed record FrodoParameters(
    string Name, int N, int ModulusBits, int EncodedBits, int SecretBytes, int NoiseSeedBytes, int SaltBytes, bool UsesAes)
{
    /// <summary>Columns of secrets and rows of ciphertexts.</summary>
    public const int Columns = 8;

    /// <summary>Length of seedA, and of z that it is made of, in bytes.</summary>
    public const int MatrixSeedBytes = 16;

    /// <summary>Largest N, for buffers on the stack.</summary>
    public const int MaxN = 976;

    private static readonly ushort[] s_narrow = [4643, 13363, 20579, 25843, 29227, 31145, 32103, 32525, 32689, 32745, 32762, 32766];
    private static readonly ushort[] s_wide = [5638, 15915, 23689, 28571, 31116, 32217, 32613, 32731, 32760, 32766];

    public static FrodoParameters Frodo640Shake { get; } = new("FrodoKEM-640-SHAKE", 640, 15, 2, 16, 32, 32, false);

    public static FrodoParameters Frodo640Aes { get; } = Frodo640Shake with { Name = "FrodoKEM-640-AES", UsesAes = true };

    public static FrodoParameters Frodo976Shake { get; } = new("FrodoKEM-976-SHAKE", 976, 16, 3, 24, 48, 48, false);

    public static FrodoParameters Frodo976Aes { get; } = Frodo976Shake with { Name = "FrodoKEM-976-AES", UsesAes = true };

    public static FrodoParameters Ephemeral640Shake { get; } = Ephemeral(Frodo640Shake);

    public static FrodoParameters Ephemeral640Aes { get; } = Ephemeral(Frodo640Aes);

    public static FrodoParameters Ephemeral976Shake { get; } = Ephemeral(Frodo976Shake);

    public static FrodoParameters Ephemeral976Aes { get; } = Ephemeral(Frodo976Aes);

    /// <summary>Rate of the SHAKE that hashes: SHAKE128 for the smallest set.</summary>
    public int HashRate => N == 640 ? Sponge.Shake128Rate : Sponge.Shake256Rate;

    /// <summary>The noise's distribution: the probabilities, in 2^-15, that its size is at most 0, 1, 2, …; the last, of certainty, is left out.</summary>
    public ReadOnlySpan<ushort> Distribution => N == 640 ? s_narrow : s_wide;

    /// <summary>Length of a matrix of 8 by N as bytes.</summary>
    public int PackedBytes => N * Columns * ModulusBits / 8;

    /// <summary>Length of a matrix of 8 by 8 as bytes.</summary>
    public int PackedSquareBytes => Columns * Columns * ModulusBits / 8;

    public int EncapsulationKeyBytes => MatrixSeedBytes + PackedBytes;

    public int CiphertextBytes => PackedBytes + PackedSquareBytes + SaltBytes;

    /// <summary>s ‖ seedA ‖ b ‖ Sᵀ ‖ pkh.</summary>
    public int PrivateKeyBytes => SecretBytes + EncapsulationKeyBytes + (sizeof(ushort) * Columns * N) + SecretBytes;

    /// <summary>The variant for keys that are used once: no salt, and seeds half as long.</summary>
    private static FrodoParameters Ephemeral(FrodoParameters salted) =>
        salted with { Name = "e" + salted.Name, SaltBytes = 0, NoiseSeedBytes = salted.SecretBytes };
}
