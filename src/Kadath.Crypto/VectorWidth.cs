using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>The vector instructions that a kernel may use. Chosen once per object from the processor; narrower ones are forced in tests.</summary>
internal enum VectorWidth
{
    /// <summary>None: portable code.</summary>
    None,

    /// <summary>AVX2.</summary>
    Bits256,

    /// <summary>AVX2 and AVX-512F, BW, DQ and VL.</summary>
    Bits512,
}

internal static class VectorWidths
{
    /// <summary>The widest that this processor has.</summary>
    public static VectorWidth Best { get; } =
        Avx512BW.VL.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
        : Avx2.IsSupported ? VectorWidth.Bits256
        : VectorWidth.None;

    /// <summary>The narrower of two.</summary>
    public static VectorWidth AtMost(VectorWidth width) => width < Best ? width : Best;
}
