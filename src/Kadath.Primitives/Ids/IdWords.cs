namespace Kadath.Primitives;

/// <summary>Bit arithmetic that the id types share.</summary>
internal static class IdWords
{
    /// <summary>A word whose first <paramref name="bits"/> bits are set; none below 1, all from 64 on.</summary>
    public static ulong PrefixMask(int bits) => bits <= 0 ? 0 : bits >= 64 ? ulong.MaxValue : ulong.MaxValue << (64 - bits);
}
