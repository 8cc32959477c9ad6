using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>Operations whose duration tells nothing about the contents of their inputs.</summary>
public static class ConstantTime
{
    /// <summary>Whether two byte strings are equal. Only their lengths, which are public, influence the duration.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => CryptographicOperations.FixedTimeEquals(left, right);
}
