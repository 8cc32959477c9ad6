using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ArmAesSet = System.Runtime.Intrinsics.Arm.Aes;
using X86AesSet = System.Runtime.Intrinsics.X86.Aes;
using X86Multiply = System.Runtime.Intrinsics.X86.Pclmulqdq;

namespace Kadath.Crypto;

/// <summary>A processor's instructions for AES (FIPS 197) and for products of polynomials over GF(2), which GHASH is made of.</summary>
internal interface IAesInstructions
{
    static abstract bool IsSupported { get; }

    /// <summary>SubBytes, ShiftRows, MixColumns, AddRoundKey.</summary>
    static abstract Vector128<byte> Round(Vector128<byte> block, Vector128<byte> roundKey);

    /// <summary>SubBytes, ShiftRows, AddRoundKey.</summary>
    static abstract Vector128<byte> LastRound(Vector128<byte> block, Vector128<byte> roundKey);

    /// <summary>The product of the lower halves.</summary>
    static abstract Vector128<ulong> MultiplyLower(Vector128<ulong> left, Vector128<ulong> right);

    /// <summary>The product of the upper halves.</summary>
    static abstract Vector128<ulong> MultiplyUpper(Vector128<ulong> left, Vector128<ulong> right);

    /// <summary>The product of the left's lower and the right's upper half.</summary>
    static abstract Vector128<ulong> MultiplyCross(Vector128<ulong> left, Vector128<ulong> right);
}

/// <summary>AES-NI and PCLMULQDQ.</summary>
internal readonly struct X86AesInstructions : IAesInstructions
{
    public static bool IsSupported => X86AesSet.IsSupported && X86Multiply.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Round(Vector128<byte> block, Vector128<byte> roundKey) => X86AesSet.Encrypt(block, roundKey);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LastRound(Vector128<byte> block, Vector128<byte> roundKey) => X86AesSet.EncryptLast(block, roundKey);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> MultiplyLower(Vector128<ulong> left, Vector128<ulong> right) => X86Multiply.CarrylessMultiply(left, right, 0x00);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> MultiplyUpper(Vector128<ulong> left, Vector128<ulong> right) => X86Multiply.CarrylessMultiply(left, right, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> MultiplyCross(Vector128<ulong> left, Vector128<ulong> right) => X86Multiply.CarrylessMultiply(left, right, 0x10);
}

/// <summary>The cryptographic extension of Armv8: AESE, AESMC and PMULL.</summary>
internal readonly struct ArmAesInstructions : IAesInstructions
{
    public static bool IsSupported => ArmAesSet.IsSupported && BitConverter.IsLittleEndian;

    // Arm's instruction adds its key before SubBytes, this interface's after: hence a key of zeros and an addition of its own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Round(Vector128<byte> block, Vector128<byte> roundKey) =>
        ArmAesSet.MixColumns(ArmAesSet.Encrypt(block, Vector128<byte>.Zero)) ^ roundKey;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LastRound(Vector128<byte> block, Vector128<byte> roundKey) =>
        ArmAesSet.Encrypt(block, Vector128<byte>.Zero) ^ roundKey;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> MultiplyLower(Vector128<ulong> left, Vector128<ulong> right) =>
        ArmAesSet.PolynomialMultiplyWideningLower(left.GetLower(), right.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> MultiplyUpper(Vector128<ulong> left, Vector128<ulong> right) =>
        ArmAesSet.PolynomialMultiplyWideningUpper(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> MultiplyCross(Vector128<ulong> left, Vector128<ulong> right) =>
        ArmAesSet.PolynomialMultiplyWideningLower(left.GetLower(), right.GetUpper());
}
