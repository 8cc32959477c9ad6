using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Products of 64 by 64 bits without carries, of the halves of two vectors.</summary>
internal interface ICarrylessProducts
{
    static abstract Vector128<ulong> LowerLower(Vector128<ulong> left, Vector128<ulong> right);

    static abstract Vector128<ulong> UpperUpper(Vector128<ulong> left, Vector128<ulong> right);

    /// <summary>The sum of both mixed products.</summary>
    static abstract Vector128<ulong> Mixed(Vector128<ulong> left, Vector128<ulong> right);
}

/// <summary>By the processor's instruction.</summary>
internal readonly struct CarrylessInstructions<TAes> : ICarrylessProducts
    where TAes : IAesInstructions
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> LowerLower(Vector128<ulong> left, Vector128<ulong> right) => TAes.MultiplyLower(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> UpperUpper(Vector128<ulong> left, Vector128<ulong> right) => TAes.MultiplyUpper(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Mixed(Vector128<ulong> left, Vector128<ulong> right) => TAes.MultiplyCross(left, right) ^ TAes.MultiplyCross(right, left);
}

/// <summary>By masks: 64 conditional additions of a shifted factor.</summary>
internal readonly struct CarrylessMasks : ICarrylessProducts
{
    public static Vector128<ulong> LowerLower(Vector128<ulong> left, Vector128<ulong> right) => Multiply(left[0], right[0]);

    public static Vector128<ulong> UpperUpper(Vector128<ulong> left, Vector128<ulong> right) => Multiply(left[1], right[1]);

    public static Vector128<ulong> Mixed(Vector128<ulong> left, Vector128<ulong> right) => Multiply(left[0], right[1]) ^ Multiply(left[1], right[0]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<ulong> Multiply(ulong left, ulong right)
    {
        var low = left & (0UL - (right & 1));
        var high = 0UL;
        for (var i = 1; i < 64; i++)
        {
            var chosen = left & (0UL - ((right >> i) & 1));
            low ^= chosen << i;
            high ^= chosen >> (64 - i);
        }

        return Vector128.Create(low, high);
    }
}
