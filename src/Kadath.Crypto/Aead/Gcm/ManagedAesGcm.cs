namespace Kadath.Crypto;

/// <summary>AES-GCM (NIST SP 800-38D) in C#, with a key of 128 or 256 bits: by the processor's instructions for AES and carry-less products.</summary>
/// <remarks>No table is ever indexed by a secret, and no branch depends on one.</remarks>
public sealed class ManagedAesGcm : IAead
{
    private readonly AesPath _path;

    /// <summary>Takes the length of keys: 16 bytes for AES-128-GCM, 32 for AES-256-GCM.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another length: AES-192 is refused by policy.</exception>
    public ManagedAesGcm(int keyBytes)
        : this(keyBytes, AesPaths.Best)
    {
    }

    internal ManagedAesGcm(int keyBytes, AesPath path)
    {
        KeyBytes = AeadLengths.AesKey(keyBytes);
        _path = AesPaths.Require(path);
    }

    /// <summary>Whether this processor has the instructions that make this fill the fastest one.</summary>
    public static bool IsAccelerated => AesPaths.Best != AesPath.Portable;

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int KeyBytes { get; }

    /// <inheritdoc/>
    public AeadKey CreateKey(ReadOnlySpan<byte> key)
    {
        AeadLengths.Require(key, KeyBytes);
        return _path switch
        {
            AesPath.Wide => new GcmKey<GcmWide>(key),
            AesPath.X86 => new GcmKey<GcmNarrow<X86AesInstructions>>(key),
            AesPath.Arm => new GcmKey<GcmNarrow<ArmAesInstructions>>(key),
            _ => new PortableGcmKey(key),
        };
    }
}
