namespace Kadath.Crypto;

/// <summary>The ways in which AES can be computed, the fastest first.</summary>
internal enum AesPath
{
    /// <summary>AES-NI with the 512-bit carry-less multiplier.</summary>
    Wide,

    /// <summary>AES-NI with the 128-bit carry-less multiplier.</summary>
    X86,

    /// <summary>The cryptographic extension of Armv8.</summary>
    Arm,

    /// <summary>Logic and integer arithmetic only.</summary>
    Portable,
}

internal static class AesPaths
{
    /// <summary>The fastest that this processor can take.</summary>
    public static AesPath Best { get; } = Array.Find(Enum.GetValues<AesPath>(), IsSupported);

    public static bool IsSupported(AesPath path) => path switch
    {
        AesPath.Wide => GcmWide.IsSupported,
        AesPath.X86 => X86AesInstructions.IsSupported,
        AesPath.Arm => ArmAesInstructions.IsSupported,
        _ => true,
    };

    public static AesPath Require(AesPath path) =>
        IsSupported(path) ? path : throw new PlatformNotSupportedException($"This processor cannot take the path {path}.");
}
