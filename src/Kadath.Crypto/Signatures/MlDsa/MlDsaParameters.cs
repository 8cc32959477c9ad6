namespace Kadath.Crypto;

/// <summary>A parameter set of ML-DSA (FIPS 204 section 4).</summary>
/// <param name="Name">The standard's name.</param>
/// <param name="K">Rows of the matrix.</param>
/// <param name="L">Columns of the matrix.</param>
/// <param name="Eta">Largest coefficient of the secrets.</param>
/// <param name="Tau">Coefficients of the challenge that are not zero.</param>
/// <param name="ChallengeBytes">Length of c̃.</param>
/// <param name="Gamma1Bits">log₂ of γ1, the range of the mask.</param>
/// <param name="Gamma2Divisor">(q - 1)/γ2, the fineness of rounding: 88 or 32.</param>
/// <param name="Omega">Hints of a signature, at most.</param>
internal sealed record MlDsaParameters(
    string Name, int K, int L, int Eta, int Tau, int ChallengeBytes, int Gamma1Bits, int Gamma2Divisor, int Omega)
{
    /// <summary>Coefficients of a polynomial.</summary>
    public const int N = 256;

    /// <summary>The modulus, 2^23 - 2^13 + 1.</summary>
    public const int Q = 8380417;

    /// <summary>Bits that the public key drops of each coefficient.</summary>
    public const int D = 13;

    /// <summary>Bits that it keeps.</summary>
    public const int PublicBits = 23 - D;

    /// <summary>Length of ξ, ρ, K and rnd, in bytes.</summary>
    public const int SeedBytes = 32;

    /// <summary>Length of ρ', ρ'', tr and μ, in bytes.</summary>
    public const int LongSeedBytes = 64;

    /// <summary>A context is no longer than its length in one byte says (FIPS 204 section 5.2).</summary>
    public const int MaxContextBytes = 255;

    public static MlDsaParameters MlDsa44 { get; } = new("ML-DSA-44", 4, 4, 2, 39, 32, 17, 88, 80);

    public static MlDsaParameters MlDsa65 { get; } = new("ML-DSA-65", 6, 5, 4, 49, 48, 19, 32, 55);

    public static MlDsaParameters MlDsa87 { get; } = new("ML-DSA-87", 8, 7, 2, 60, 64, 19, 32, 75);

    public int Beta => Tau * Eta;

    public int Gamma1 => 1 << Gamma1Bits;

    public int Gamma2 => (Q - 1) / Gamma2Divisor;

    /// <summary>Bits of a coefficient of z.</summary>
    public int ResponseBits => Gamma1Bits + 1;

    /// <summary>Bits of a coefficient of w1: 44 or 16 values.</summary>
    public int HighBits => Gamma2Divisor == 88 ? 6 : 4;

    public int PublicKeyBytes => SeedBytes + (K * N * PublicBits / 8);

    public int SignatureBytes => ChallengeBytes + (L * N * ResponseBits / 8) + Omega + K;

    /// <summary>Bytes of a polynomial of so many bits a coefficient.</summary>
    public static int Bytes(int bits) => N * bits / 8;
}
