namespace Kadath.Crypto;

/// <summary>AES in counter mode in C#, with a key of 128 or 256 bits: by the processor's instructions, bitsliced where there are none.</summary>
public sealed class ManagedAesCounterMode : ICounterMode
{
    private readonly AesPath _path;

    /// <summary>Takes the length of keys: 16 or 32 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another length.</exception>
    public ManagedAesCounterMode(int keyBytes)
        : this(keyBytes, AesPaths.Best)
    {
    }

    internal ManagedAesCounterMode(int keyBytes, AesPath path)
    {
        KeyBytes = AeadLengths.AesKey(keyBytes);
        _path = AesPaths.Require(path);
    }

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int KeyBytes { get; }

    /// <inheritdoc/>
    public CounterModeKey CreateKey(ReadOnlySpan<byte> key)
    {
        AeadLengths.Require(key, KeyBytes);
        return _path switch
        {
            AesPath.Wide or AesPath.X86 => new AesCounterModeKey<X86AesInstructions>(key),
            AesPath.Arm => new AesCounterModeKey<ArmAesInstructions>(key),
            _ => new BitslicedCounterModeKey(key),
        };
    }
}

/// <summary>Header protection with AES (RFC 9001 section 5.4.3) in C#: one block of the cipher.</summary>
public sealed class ManagedAesHeaderProtection : IHeaderProtection
{
    private readonly AesPath _path;

    /// <summary>Takes the length of keys: 16 or 32 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another length.</exception>
    public ManagedAesHeaderProtection(int keyBytes)
        : this(keyBytes, AesPaths.Best)
    {
    }

    internal ManagedAesHeaderProtection(int keyBytes, AesPath path)
    {
        KeyBytes = AeadLengths.AesKey(keyBytes);
        _path = AesPaths.Require(path);
    }

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int KeyBytes { get; }

    /// <inheritdoc/>
    public HeaderProtectionKey CreateKey(ReadOnlySpan<byte> key)
    {
        AeadLengths.Require(key, KeyBytes);
        return _path switch
        {
            AesPath.Wide or AesPath.X86 => new AesHeaderProtectionKey<X86AesInstructions>(key),
            AesPath.Arm => new AesHeaderProtectionKey<ArmAesInstructions>(key),
            _ => new BitslicedHeaderProtectionKey(key),
        };
    }
}
