using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Header protection with ChaCha20 (RFC 9001 section 5.4.4) in C#: the start of one block of key stream.</summary>
public sealed class ManagedChaCha20HeaderProtection : IHeaderProtection
{
    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int KeyBytes => AeadLengths.ChaChaKey;

    /// <inheritdoc/>
    public HeaderProtectionKey CreateKey(ReadOnlySpan<byte> key) => new Key(AeadLengths.Require(key, KeyBytes));

    /// <summary>One block is all that is wanted: the narrowest vector makes it fastest.</summary>
    private sealed unsafe class Key : HeaderProtectionKey
    {
        private readonly PinnedSecret _key = new(AeadLengths.ChaChaKey);

        public Key(ReadOnlySpan<byte> key) => key.CopyTo(new Span<byte>(_key.Start, AeadLengths.ChaChaKey));

        /// <summary>The sample is counter and nonce.</summary>
        [SkipLocalsInit]
        private protected override void ComputeMaskCore(ReadOnlySpan<byte> sample, Span<byte> mask)
        {
            Span<byte> memory = stackalloc byte[ChaChaStream<ChaChaKernel<Vector128<uint>, ChaChaVector128>>.MemoryBytes];
            fixed (byte* memoryAt = memory, sampleAt = sample)
            {
                var counter = BinaryPrimitives.ReadUInt32LittleEndian(sample);
                var stream = new ChaChaStream<ChaChaKernel<Vector128<uint>, ChaChaVector128>>(memoryAt, _key.Start, sampleAt + 4, counter, needed: MaskBytes);
                new ReadOnlySpan<byte>(stream.TakeBlock(), MaskBytes).CopyTo(mask);
            }

            GC.KeepAlive(_key); // The stream holds its address only.
            Erase.Span(memory);
        }

        private protected override void EraseKey() => _key.Erase();
    }
}
