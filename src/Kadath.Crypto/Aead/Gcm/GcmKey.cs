using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>AES-GCM over an expanded key, in one pass.</summary>
internal unsafe interface IGcmKernel
{
    static abstract GcmKeyMemory Expand(ReadOnlySpan<byte> key);

    /// <summary>Encrypts or decrypts and returns the tag. Input and output may be the same memory.</summary>
    static abstract Vector128<byte> Process<TDirection>(
        GcmKeyMemory key, byte* nonce, byte* associatedData, int associatedLength, byte* input, byte* output, int length)
        where TDirection : IGcmDirection;
}

/// <summary>A key of AES-GCM for one of the kernels.</summary>
internal sealed unsafe class GcmKey<TKernel>(ReadOnlySpan<byte> key) : AeadKey
    where TKernel : IGcmKernel
{
    private readonly GcmKeyMemory _memory = TKernel.Expand(key);

    private protected override void SealCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag) =>
        Process<Sealing>(nonce, associatedData, plaintext, ciphertext).CopyTo(tag);

    private protected override bool TryOpenCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        var expected = Process<Opening>(nonce, associatedData, ciphertext, plaintext);
        if (expected == Vector128.Create(tag))
        {
            return true;
        }

        CryptographicOperations.ZeroMemory(plaintext);
        return false;
    }

    private protected override void EraseKey() => _memory.Erase();

    private Vector128<byte> Process<TDirection>(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> input, Span<byte> output)
        where TDirection : IGcmDirection
    {
        fixed (byte* nonceAt = nonce, associatedAt = associatedData, inputAt = input, outputAt = output)
        {
            var tag = TKernel.Process<TDirection>(_memory, nonceAt, associatedAt, associatedData.Length, inputAt, outputAt, input.Length);
            GC.KeepAlive(_memory); // The kernel holds addresses only.
            return tag;
        }
    }
}
