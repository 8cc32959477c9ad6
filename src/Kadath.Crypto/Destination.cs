namespace Kadath.Crypto;

/// <summary>Checks that a caller gave room enough.</summary>
internal static class Destination
{
    public static void Check(ReadOnlySpan<byte> destination, int needed, string name)
    {
        if (destination.Length < needed)
        {
            throw new ArgumentException($"At least {needed} bytes are needed.", name);
        }
    }
}
