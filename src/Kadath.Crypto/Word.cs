using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>Arithmetic on single 64-bit words.</summary>
internal static class Word
{
    /// <summary>The high word of x·y, by MULX or UMULH.</summary>
    /// <remarks>Asking for both words at once makes the just-in-time compiler pass the low word through memory, which costs twice the time of a second multiplication.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyHigh(ulong x, ulong y)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.MultiplyNoFlags(x, y);
        }

        return ArmBase.Arm64.IsSupported ? ArmBase.Arm64.MultiplyHigh(x, y) : Math.BigMul(x, y, out _);
    }
}
