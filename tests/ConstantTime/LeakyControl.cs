using System.Runtime.CompilerServices;

namespace Kadath.Tests.ConstantTime;

/// <summary>Code as it must not be written: the reader of machine code has to find its jumps, and the measurement its time.</summary>
internal static class LeakyControl
{
    private static int s_sink;

    public static void Use(int secret)
    {
        s_sink += Choose(secret & 1, 3, 5);
        s_sink += Compare([1, 2, (byte)secret], [1, 2, 3]) ? 1 : 0;
    }

    /// <summary>A conditional move when optimised, a jump before.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Choose(int secret, int whenSet, int whenClear) => secret != 0 ? whenSet : whenClear;

    /// <summary>Ends at the first difference.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Compare(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> guess)
    {
        for (var i = 0; i < secret.Length; i++)
        {
            if (secret[i] != guess[i])
            {
                return false;
            }
        }

        return true;
    }
}
