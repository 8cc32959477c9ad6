namespace Kadath.Primitives;

/// <summary>Bounds on what is read from a peer.</summary>
public static class BencodeLimits
{
    /// <summary>Lists and dictionaries inside each other. Messages need 4; libtorrent refuses beyond 10; values of users may go deeper.</summary>
    public const int MaxDepth = 32;

    /// <summary>
    /// Tokens (strings, integers, starts of lists and dictionaries) that one reader takes. A value of 1,000 bytes holds at most 500, an
    /// envelope a few dozen; 8 KiB of empty strings would be 4,000 and cost more to judge than a query to answer.
    /// </summary>
    public const int MaxTokens = 1024;

    /// <summary>Digits of a string length: no message exceeds a receive slot of 8,192 bytes.</summary>
    public const int MaxLengthDigits = 5;

    /// <summary>Characters of an integer between <c>i</c> and <c>e</c>, the sign included: 64 bits need 20; peers may send longer ones in keys that nobody reads.</summary>
    public const int MaxIntegerCharacters = 64;
}
