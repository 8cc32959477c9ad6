namespace Kadath.Crypto;

/// <summary>The constants of BIKE-L1 (specification 5.1 of 2022-10-10, table 4).</summary>
internal static class BikeL1
{
    /// <summary>Bits of a block; polynomials are modulo x^r - 1.</summary>
    public const int R = 12323;

    /// <summary>Ones in each half of the private key.</summary>
    public const int Weight = 71;

    /// <summary>Ones in the two halves of an error.</summary>
    public const int Errors = 134;

    /// <summary>Rounds of the decoder.</summary>
    public const int Rounds = 5;

    /// <summary>How far below the threshold a counter makes a position gray.</summary>
    public const int GrayDistance = 3;

    /// <summary>Threshold of the rounds that look at black and gray positions only.</summary>
    public const int SecondThreshold = ((Weight + 1) / 2) + 1;

    /// <summary>Length of seeds, messages and secrets, in bytes.</summary>
    public const int SeedBytes = 32;

    /// <summary>Length of a polynomial, in bytes.</summary>
    public const int PolynomialBytes = (R + 7) / 8;

    public const int CiphertextBytes = PolynomialBytes + SeedBytes;

    /// <summary>Words of a polynomial.</summary>
    public const int Words = (R + 63) / 64;

    /// <summary>Words of its buffer: can be halved three times and is even then, for multiplications. The rest is zero.</summary>
    public const int BufferWords = 208;

    /// <summary>Bits of the last word.</summary>
    public const int LastBits = R % 64;
}
