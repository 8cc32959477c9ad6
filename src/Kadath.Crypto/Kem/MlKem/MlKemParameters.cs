namespace Kadath.Crypto;

/// <summary>A parameter set of ML-KEM (FIPS 203 section 8).</summary>
/// <param name="Name">The standard's name.</param>
/// <param name="K">Rank of the module: polynomials in a vector.</param>
/// <param name="Eta1">Width of the noise of secrets; that of the other noise is 2 everywhere.</param>
/// <param name="Du">Bits that a coefficient of the ciphertext's vector keeps.</param>
/// <param name="Dv">Bits that a coefficient of the ciphertext's last polynomial keeps.</param>
internal sealed record MlKemParameters(string Name, int K, int Eta1, int Du, int Dv)
{
    /// <summary>Coefficients of a polynomial.</summary>
    public const int N = 256;

    /// <summary>The modulus.</summary>
    public const short Q = 3329;

    /// <summary>Length of d, z, ρ, σ, of a message and of the shared secret, in bytes.</summary>
    public const int SeedBytes = 32;

    /// <summary>Bytes of a polynomial whose coefficients keep twelve bits.</summary>
    public const int PolynomialBytes = 384;

    public static MlKemParameters MlKem512 { get; } = new("ML-KEM-512", 2, 3, 10, 4);

    public static MlKemParameters MlKem768 { get; } = new("ML-KEM-768", 3, 2, 10, 4);

    public static MlKemParameters MlKem1024 { get; } = new("ML-KEM-1024", 4, 2, 11, 5);

    public int EncapsulationKeyBytes => (PolynomialBytes * K) + SeedBytes;

    /// <summary>The expanded private key: ŝ, ek, H(ek), z.</summary>
    public int DecapsulationKeyBytes => (2 * PolynomialBytes * K) + (3 * SeedBytes);

    public int CiphertextBytes => 32 * ((Du * K) + Dv);
}
