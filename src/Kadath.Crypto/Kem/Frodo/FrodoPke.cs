using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>The public-key encryption that FrodoKEM is built on. What is derived from secrets is on the stack and erased before a method returns.</summary>
[SkipLocalsInit]
internal sealed class FrodoPke(FrodoParameters parameters, VectorWidth width)
{
    private const int Columns = FrodoParameters.Columns;
    private const int Square = Columns * Columns;
    private const int MaxMatrix = Columns * FrodoParameters.MaxN;

    /// <summary>What precedes seedSE where noise is made, for keys and for ciphertexts.</summary>
    private const byte KeyNoise = 0x5f, CiphertextNoise = 0x96;

    private readonly FrodoMatrix _matrix = new(parameters, width);

    private int MatrixLength => Columns * parameters.N;

    /// <summary>Makes B = A·S + E of a seed.</summary>
    /// <param name="seed">seedSE.</param>
    /// <param name="transposed">Takes Sᵀ, 8 by N.</param>
    /// <param name="encapsulationKey">Has seedA, takes B.</param>
    public void GenerateKey(ReadOnlySpan<byte> seed, Span<ushort> transposed, Span<byte> encapsulationKey)
    {
        Span<ushort> noise = stackalloc ushort[2 * MaxMatrix];
        Span<ushort> rows = stackalloc ushort[MaxMatrix];
        noise = noise[..(2 * MatrixLength)];
        rows = rows[..MatrixLength];
        ExpandNoise(KeyNoise, seed, noise);
        noise[..MatrixLength].CopyTo(transposed);

        // E is N by 8: the rows of the sum lie where those of A·S belong.
        var sums = noise[MatrixLength..];
        for (var row = 0; row < parameters.N; row += FrodoMatrix.RowsAtOnce)
        {
            _matrix.Expand(encapsulationKey[..FrodoParameters.MatrixSeedBytes], row, rows);
            FrodoArithmetic.AddRowProducts(rows, transposed, sums.Slice(row * Columns, Square));
        }

        FrodoArithmetic.Pack(parameters.ModulusBits, sums, encapsulationKey[FrodoParameters.MatrixSeedBytes..]);
        Erase.Span(noise);
    }

    /// <summary>Writes c1 ‖ c2 = S'·A + E' ‖ S'·B + E'' + message, noise from a seed.</summary>
    public void Encrypt(ReadOnlySpan<byte> encapsulationKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> seed, Span<byte> ciphertext)
    {
        Span<ushort> noise = stackalloc ushort[(2 * MaxMatrix) + Square];
        Span<ushort> rows = stackalloc ushort[MaxMatrix];
        noise = noise[..((2 * MatrixLength) + Square)];
        rows = rows[..MatrixLength];
        ExpandNoise(CiphertextNoise, seed, noise);
        var secret = noise[..MatrixLength];
        var sums = noise.Slice(MatrixLength, MatrixLength);
        for (var row = 0; row < parameters.N; row += FrodoMatrix.RowsAtOnce)
        {
            _matrix.Expand(encapsulationKey[..FrodoParameters.MatrixSeedBytes], row, rows);
            FrodoArithmetic.AddColumnProducts(secret, row, rows, sums);
        }

        FrodoArithmetic.Pack(parameters.ModulusBits, sums, ciphertext);
        var square = noise[^Square..];
        FrodoArithmetic.Unpack(parameters.ModulusBits, encapsulationKey[FrodoParameters.MatrixSeedBytes..], rows);
        FrodoArithmetic.AddSquareProduct(secret, rows, square);
        FrodoArithmetic.AddMessage(parameters, message, square);
        FrodoArithmetic.Pack(parameters.ModulusBits, square, ciphertext[parameters.PackedBytes..]);
        Erase.Span(noise);
    }

    /// <summary>The message of c1 ‖ c2: what is closest to C - B'·S.</summary>
    public void Decrypt(ReadOnlySpan<ushort> transposed, ReadOnlySpan<byte> ciphertext, Span<byte> message)
    {
        Span<ushort> matrix = stackalloc ushort[MaxMatrix];
        Span<ushort> product = stackalloc ushort[Square];
        Span<ushort> square = stackalloc ushort[Square];
        matrix = matrix[..MatrixLength];
        FrodoArithmetic.Unpack(parameters.ModulusBits, ciphertext, matrix);
        FrodoArithmetic.Unpack(parameters.ModulusBits, ciphertext[parameters.PackedBytes..], square);
        product.Clear();
        FrodoArithmetic.AddRowProducts(matrix, transposed, product);
        var mask = (1 << parameters.ModulusBits) - 1;
        for (var i = 0; i < square.Length; i++)
        {
            square[i] = (ushort)((square[i] - product[i]) & mask);
        }

        FrodoArithmetic.ReadMessage(parameters, square, message);
        Erase.Span(product);
        Erase.Span(square);
    }

    private void ExpandNoise(byte purpose, ReadOnlySpan<byte> seed, Span<ushort> noise)
    {
        Sponge.Hash(parameters.HashRate, Sponge.ShakeSuffix, [purpose], seed, MemoryMarshal.AsBytes(noise));
        FrodoArithmetic.SampleNoise(parameters.Distribution, noise);
    }
}
