using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>A key of AES-GCM in logic and integer arithmetic only, for processors without instructions for it on systems whose class library has no AES-GCM.</summary>
internal sealed unsafe class PortableGcmKey : AeadKey
{
    private readonly BitslicedKey _key;
    private readonly byte[] _hashKey = GC.AllocateUninitializedArray<byte>(16, pinned: true);

    public PortableGcmKey(ReadOnlySpan<byte> key)
    {
        _key = new BitslicedKey(key);
        _hashKey.AsSpan().Clear();
        _key.EncryptBlock(_hashKey, _hashKey);
    }

    private protected override void SealCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        AddKeyStream(nonce, plaintext, ciphertext);
        ComputeTag(nonce, associatedData, ciphertext, tag);
    }

    [SkipLocalsInit]
    private protected override bool TryOpenCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        Span<byte> expected = stackalloc byte[TagBytes];
        ComputeTag(nonce, associatedData, ciphertext, expected);
        var authentic = ConstantTime.AreEqual(expected, tag);
        Crypto.Erase.Span(expected);
        if (!authentic)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }

        AddKeyStream(nonce, ciphertext, plaintext);
        return true;
    }

    private protected override void EraseKey()
    {
        _key.Erase();
        Crypto.Erase.Span<byte>(_hashKey);
    }

    [SkipLocalsInit]
    private void AddKeyStream(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> counter = stackalloc byte[16];
        nonce.CopyTo(counter);
        BinaryPrimitives.WriteUInt32BigEndian(counter[12..], 2);
        _key.AddKeyStream(counter, input, output);
    }

    [SkipLocalsInit]
    private void ComputeTag(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> tag)
    {
        var hash = new PortableGhash(_hashKey);
        hash.Append(associatedData);
        hash.Append(ciphertext);
        hash.Append((ulong)associatedData.Length << 3, (ulong)ciphertext.Length << 3);
        Span<byte> mask = stackalloc byte[16];
        nonce.CopyTo(mask);
        BinaryPrimitives.WriteUInt32BigEndian(mask[12..], 1);
        _key.EncryptBlock(mask, mask);
        hash.Write(tag);
        for (var i = 0; i < TagBytes; i++)
        {
            tag[i] ^= mask[i];
        }

        Crypto.Erase.Span(mask);
        Crypto.Erase.Value(ref hash);
    }
}

/// <summary>A key of AES for <see cref="BitslicedAes"/>, in pinned memory.</summary>
internal sealed unsafe class BitslicedKey
{
    private readonly ulong[] _roundKeys;
    private readonly int _rounds;

    public BitslicedKey(ReadOnlySpan<byte> key)
    {
        _rounds = AesSchedule.Rounds(key.Length);
        _roundKeys = GC.AllocateUninitializedArray<ulong>(BitslicedAes.WordsPerRound * (_rounds + 1), pinned: true);
        fixed (ulong* roundKeys = _roundKeys)
        {
            BitslicedAes.Expand(key, roundKeys);
        }
    }

    public void Erase() => Crypto.Erase.Span<ulong>(_roundKeys);

    [SkipLocalsInit]
    public void EncryptBlock(ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<uint> blocks = stackalloc uint[16];
        blocks.Clear();
        input[..16].CopyTo(MemoryMarshal.AsBytes(blocks));
        Encrypt(blocks);
        MemoryMarshal.AsBytes(blocks)[..16].CopyTo(output);
        Crypto.Erase.Span(blocks);
    }

    /// <summary>Adds the key stream of the counter mode: big-endian counters of 128 bits from the given one on.</summary>
    [SkipLocalsInit]
    public void AddKeyStream(ReadOnlySpan<byte> firstCounter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(firstCounter), low = BinaryPrimitives.ReadUInt64BigEndian(firstCounter[8..]);
        Span<uint> blocks = stackalloc uint[BitslicedAes.RunBytes / 4];
        var stream = MemoryMarshal.AsBytes(blocks);
        while (!input.IsEmpty)
        {
            for (var i = 0; i < 4; i++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(stream[(16 * i)..], high);
                BinaryPrimitives.WriteUInt64BigEndian(stream[((16 * i) + 8)..], low);
                high += ++low == 0 ? 1UL : 0;
            }

            Encrypt(blocks);
            var take = Math.Min(input.Length, stream.Length);
            for (var i = 0; i < take; i++)
            {
                output[i] = (byte)(input[i] ^ stream[i]);
            }

            input = input[take..];
            output = output[take..];
        }

        Crypto.Erase.Span(blocks);
    }

    private void Encrypt(Span<uint> blocks)
    {
        fixed (ulong* roundKeys = _roundKeys)
        {
            BitslicedAes.Encrypt(blocks, roundKeys, _rounds);
        }
    }
}
