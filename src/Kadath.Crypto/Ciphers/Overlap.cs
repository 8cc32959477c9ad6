namespace Kadath.Crypto;

/// <summary>Checks that output does not overwrite input that is still to be read.</summary>
internal static class Overlap
{
    public static void RequireSameStart(ReadOnlySpan<byte> input, ReadOnlySpan<byte> output)
    {
        if (input.Overlaps(output, out var offset) && offset != 0)
        {
            throw new ArgumentException("Input and output overlap, but do not start at the same byte.");
        }
    }
}
