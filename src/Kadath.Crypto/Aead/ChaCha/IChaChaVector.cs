using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>
/// What the ChaCha20 kernel needs of a vector of words. Each 128 bits hold one row of the state of one block, so that a wider vector
/// carries more blocks through the same steps.
/// </summary>
internal unsafe interface IChaChaVector<TVector>
    where TVector : unmanaged
{
    static abstract bool IsSupported { get; }

    /// <summary>Blocks side by side.</summary>
    static abstract int Blocks { get; }

    /// <summary>The row of four words for every block.</summary>
    static abstract TVector Row(uint* words);

    /// <summary>In the first word of each row, by how much the block's counter is ahead.</summary>
    static abstract TVector Ahead(uint blocks);

    static abstract TVector Add(TVector left, TVector right);

    /// <summary>Exclusive-or, then rotation to the left.</summary>
    static abstract TVector XorRotate16(TVector left, TVector right);

    /// <inheritdoc cref="XorRotate16"/>
    static abstract TVector XorRotate12(TVector left, TVector right);

    /// <inheritdoc cref="XorRotate16"/>
    static abstract TVector XorRotate8(TVector left, TVector right);

    /// <inheritdoc cref="XorRotate16"/>
    static abstract TVector XorRotate7(TVector left, TVector right);

    /// <summary>Moves the words of each row by one place towards its start.</summary>
    static abstract TVector Left1(TVector row);

    /// <summary>Moves by two places.</summary>
    static abstract TVector Left2(TVector row);

    /// <summary>Moves by three places.</summary>
    static abstract TVector Left3(TVector row);

    /// <summary>Writes the blocks one after the other.</summary>
    static abstract void Store(TVector row0, TVector row1, TVector row2, TVector row3, byte* output);
}

/// <summary>One block: any processor.</summary>
internal readonly unsafe struct ChaChaVector128 : IChaChaVector<Vector128<uint>>
{
    public static bool IsSupported => true;

    public static int Blocks => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Row(uint* words) => Vector128.Load(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Ahead(uint blocks) => Vector128.CreateScalar(blocks);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> left, Vector128<uint> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> XorRotate16(Vector128<uint> left, Vector128<uint> right) =>
        Vector128.ShuffleNative((left ^ right).AsByte(), Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> XorRotate12(Vector128<uint> left, Vector128<uint> right) => Rotate(left ^ right, 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> XorRotate8(Vector128<uint> left, Vector128<uint> right) =>
        Vector128.ShuffleNative((left ^ right).AsByte(), Vector128.Create((byte)3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> XorRotate7(Vector128<uint> left, Vector128<uint> right) => Rotate(left ^ right, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Left1(Vector128<uint> row) => Vector128.Shuffle(row, Vector128.Create(1u, 2, 3, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Left2(Vector128<uint> row) => Vector128.Shuffle(row, Vector128.Create(2u, 3, 0, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Left3(Vector128<uint> row) => Vector128.Shuffle(row, Vector128.Create(3u, 0, 1, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<uint> row0, Vector128<uint> row1, Vector128<uint> row2, Vector128<uint> row3, byte* output)
    {
        row0.AsByte().Store(output);
        row1.AsByte().Store(output + 16);
        row2.AsByte().Store(output + 32);
        row3.AsByte().Store(output + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Rotate(Vector128<uint> value, int bits) => (value << bits) | (value >> (32 - bits));
}

/// <summary>Two blocks: AVX2.</summary>
internal readonly unsafe struct ChaChaVector256 : IChaChaVector<Vector256<uint>>
{
    public static bool IsSupported => Avx2.IsSupported;

    public static int Blocks => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Row(uint* words) => Vector256.Create(Vector128.Load(words), Vector128.Load(words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Ahead(uint blocks) => Vector256.Create(Vector128.CreateScalar(blocks), Vector128.CreateScalar(blocks + 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> left, Vector256<uint> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotate16(Vector256<uint> left, Vector256<uint> right) => Avx2.Shuffle((left ^ right).AsByte(), Vector256.Create(
        (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotate12(Vector256<uint> left, Vector256<uint> right) => Rotate(left ^ right, 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotate8(Vector256<uint> left, Vector256<uint> right) => Avx2.Shuffle((left ^ right).AsByte(), Vector256.Create(
        (byte)3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotate7(Vector256<uint> left, Vector256<uint> right) => Rotate(left ^ right, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Left1(Vector256<uint> row) => Avx2.Shuffle(row, 0b00_11_10_01);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Left2(Vector256<uint> row) => Avx2.Shuffle(row, 0b01_00_11_10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Left3(Vector256<uint> row) => Avx2.Shuffle(row, 0b10_01_00_11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<uint> row0, Vector256<uint> row1, Vector256<uint> row2, Vector256<uint> row3, byte* output)
    {
        Avx2.Permute2x128(row0, row1, 0x20).AsByte().Store(output);
        Avx2.Permute2x128(row2, row3, 0x20).AsByte().Store(output + 32);
        Avx2.Permute2x128(row0, row1, 0x31).AsByte().Store(output + 64);
        Avx2.Permute2x128(row2, row3, 0x31).AsByte().Store(output + 96);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, int bits) => (value << bits) | (value >> (32 - bits));
}

/// <summary>Four blocks: AVX-512, which has rotations.</summary>
internal readonly unsafe struct ChaChaVector512 : IChaChaVector<Vector512<uint>>
{
    public static bool IsSupported => Avx512F.IsSupported;

    public static int Blocks => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Row(uint* words) => Avx512F.BroadcastVector128ToVector512(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Ahead(uint blocks) =>
        Vector512.Create(0u, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0) + (Vector512.Create(blocks) & Vector512.Create(uint.MaxValue, 0, 0, 0, uint.MaxValue, 0, 0, 0, uint.MaxValue, 0, 0, 0, uint.MaxValue, 0, 0, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> left, Vector512<uint> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> XorRotate16(Vector512<uint> left, Vector512<uint> right) => Avx512F.RotateLeft(left ^ right, 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> XorRotate12(Vector512<uint> left, Vector512<uint> right) => Avx512F.RotateLeft(left ^ right, 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> XorRotate8(Vector512<uint> left, Vector512<uint> right) => Avx512F.RotateLeft(left ^ right, 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> XorRotate7(Vector512<uint> left, Vector512<uint> right) => Avx512F.RotateLeft(left ^ right, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Left1(Vector512<uint> row) => Avx512F.Shuffle(row, 0b00_11_10_01);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Left2(Vector512<uint> row) => Avx512F.Shuffle(row, 0b01_00_11_10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Left3(Vector512<uint> row) => Avx512F.Shuffle(row, 0b10_01_00_11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<uint> row0, Vector512<uint> row1, Vector512<uint> row2, Vector512<uint> row3, byte* output)
    {
        Vector512<uint> start01 = Avx512F.Shuffle4x128(row0, row1, 0x44), end01 = Avx512F.Shuffle4x128(row0, row1, 0xee);
        Vector512<uint> start23 = Avx512F.Shuffle4x128(row2, row3, 0x44), end23 = Avx512F.Shuffle4x128(row2, row3, 0xee);
        Avx512F.Shuffle4x128(start01, start23, 0x88).AsByte().Store(output);
        Avx512F.Shuffle4x128(start01, start23, 0xdd).AsByte().Store(output + 64);
        Avx512F.Shuffle4x128(end01, end23, 0x88).AsByte().Store(output + 128);
        Avx512F.Shuffle4x128(end01, end23, 0xdd).AsByte().Store(output + 192);
    }
}
