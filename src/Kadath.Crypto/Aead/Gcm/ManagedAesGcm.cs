namespace Kadath.Crypto;

/// <summary>AES-GCM (NIST SP 800-38D) in C#, with a key of 128 or 256 bits: by the processor's instructions for AES and carry-less products.</summary>
/// <remarks>No table is ever indexed by a secret, and no branch depends on one.</remarks>
public sealed class ManagedAesGcm : IAead
{
    private readonly GcmPath _path;

    /// <summary>Takes the length of keys: 16 bytes for AES-128-GCM, 32 for AES-256-GCM.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another length: AES-192 is refused by policy.</exception>
    public ManagedAesGcm(int keyBytes)
        : this(keyBytes, Best)
    {
    }

    internal ManagedAesGcm(int keyBytes, GcmPath path)
    {
        KeyBytes = AeadLengths.AesKey(keyBytes);
        _path = IsPathSupported(path) ? path : throw new PlatformNotSupportedException($"This processor cannot take the path {path}.");
    }

    /// <summary>Whether this processor has the instructions that make this fill the fastest one.</summary>
    public static bool IsAccelerated => Best != GcmPath.Portable;

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int KeyBytes { get; }

    private static GcmPath Best { get; } = Array.Find(Enum.GetValues<GcmPath>(), IsPathSupported);

    /// <inheritdoc/>
    public AeadKey CreateKey(ReadOnlySpan<byte> key)
    {
        AeadLengths.Require(key, KeyBytes);
        return _path switch
        {
            GcmPath.Wide => new GcmKey<GcmWide>(key),
            GcmPath.X86 => new GcmKey<GcmNarrow<X86AesInstructions>>(key),
            GcmPath.Arm => new GcmKey<GcmNarrow<ArmAesInstructions>>(key),
            _ => new PortableGcmKey(key),
        };
    }

    internal static bool IsPathSupported(GcmPath path) => path switch
    {
        GcmPath.Wide => GcmWide.IsSupported,
        GcmPath.X86 => X86AesInstructions.IsSupported,
        GcmPath.Arm => ArmAesInstructions.IsSupported,
        _ => true,
    };
}
