using System.Buffers.Binary;
using System.Security.Cryptography;
using Kadath.Crypto;

namespace Kadath.Tests.Support;

/// <summary>Key material that repeats: SHA-256 over seed and counter. One integer reproduces every key of a test.</summary>
internal sealed class SeededKeyEntropy(ulong seed) : KeyEntropy
{
    private ulong _counter;

    public override void Fill(Span<byte> bytes)
    {
        Span<byte> input = stackalloc byte[16];
        Span<byte> block = stackalloc byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(input, seed);
        while (!bytes.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(input[8..], _counter++);
            SHA256.HashData(input, block);
            var take = Math.Min(block.Length, bytes.Length);
            block[..take].CopyTo(bytes);
            bytes = bytes[take..];
        }
    }
}
