using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>A key of ChaCha20-Poly1305 for one of the kernels.</summary>
/// <remarks>The first block of key stream holds the one-time key of Poly1305; the message takes the blocks from the second on (RFC 8439 section 2.8).</remarks>
internal sealed unsafe class ChaChaKey<TKernel>(ReadOnlySpan<byte> key) : AeadKey
    where TKernel : IChaChaKernel
{
    private readonly byte[] _key = PinnedCopy(key);

    [SkipLocalsInit]
    private protected override void SealCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        Span<byte> memory = stackalloc byte[ChaChaStream<TKernel>.MemoryBytes];
        fixed (byte* memoryAt = memory, keyAt = _key, nonceAt = nonce, associatedAt = associatedData, inputAt = plaintext, outputAt = ciphertext)
        {
            var stream = new ChaChaStream<TKernel>(memoryAt, keyAt, nonceAt, counter: 0, plaintext.Length + ChaChaStream<TKernel>.BlockBytes);
            var hash = new Poly1305(stream.TakeBlock());
            stream.AddTo(inputAt, outputAt, plaintext.Length);
            hash.AppendAead(associatedAt, associatedData.Length, outputAt, ciphertext.Length);
            hash.Finish(tag);
        }

        Erase.Span(memory);
    }

    [SkipLocalsInit]
    private protected override bool TryOpenCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        Span<byte> memory = stackalloc byte[ChaChaStream<TKernel>.MemoryBytes];
        Span<byte> expected = stackalloc byte[TagBytes];
        bool authentic;
        fixed (byte* memoryAt = memory, keyAt = _key, nonceAt = nonce, associatedAt = associatedData, inputAt = ciphertext, outputAt = plaintext)
        {
            var stream = new ChaChaStream<TKernel>(memoryAt, keyAt, nonceAt, counter: 0, ciphertext.Length + ChaChaStream<TKernel>.BlockBytes);
            var hash = new Poly1305(stream.TakeBlock());
            hash.AppendAead(associatedAt, associatedData.Length, inputAt, ciphertext.Length);
            hash.Finish(expected);
            authentic = ConstantTime.AreEqual(expected, tag);
            if (authentic)
            {
                stream.AddTo(inputAt, outputAt, ciphertext.Length);
            }
            else
            {
                CryptographicOperations.ZeroMemory(plaintext);
            }
        }

        Erase.Span(memory);
        Erase.Span(expected);
        return authentic;
    }

    private protected override void EraseKey() => Erase.Span<byte>(_key);

    private static byte[] PinnedCopy(ReadOnlySpan<byte> key)
    {
        var copy = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(copy);
        return copy;
    }
}
