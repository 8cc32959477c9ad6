using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>What distinguishes one hash function of the SHA-1 and SHA-2 family from another.</summary>
internal interface IHashCore
{
    int BlockLength { get; }

    int DigestLength { get; }

    /// <summary>Takes the initial value of the standard.</summary>
    void Initialize();

    /// <summary>Takes in one block.</summary>
    void Compress(ReadOnlySpan<byte> block);

    void WriteDigest(Span<byte> digest);
}

/// <summary>A hash over a message that arrives in parts (FIPS 180-4 section 5: padding and blocks). Lives on the caller's stack and allocates nothing.</summary>
internal struct HashState<TCore>
    where TCore : unmanaged, IHashCore
{
    private TCore _core;
    private Block _pending;
    private ulong _length;

    /// <summary>The state of the empty message.</summary>
    public static HashState<TCore> Create()
    {
        TCore core = default;
        core.Initialize();
        return new() { _core = core };
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        var blockLength = _core.BlockLength;
        var filled = (int)_length & (blockLength - 1);
        _length += (ulong)data.Length;
        if (filled > 0)
        {
            Span<byte> rest = ((Span<byte>)_pending)[filled..blockLength];
            if (data.Length < rest.Length)
            {
                data.CopyTo(rest);
                return;
            }

            data[..rest.Length].CopyTo(rest);
            data = data[rest.Length..];
            _core.Compress(((ReadOnlySpan<byte>)_pending)[..blockLength]);
        }

        for (; data.Length >= blockLength; data = data[blockLength..])
        {
            _core.Compress(data[..blockLength]);
        }

        data.CopyTo(_pending);
    }

    /// <summary>Writes the digest and erases the state.</summary>
    public void Finish(Span<byte> digest)
    {
        // The block ends with the message's length in bits, in a field of an eighth of the block.
        var block = ((Span<byte>)_pending)[.._core.BlockLength];
        var content = block.Length - (block.Length / 8);
        var filled = (int)_length & (block.Length - 1);
        block[filled++] = 0x80;
        if (filled > content)
        {
            block[filled..].Clear();
            _core.Compress(block);
            filled = 0;
        }

        block[filled..].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(block[^8..], _length << 3);
        _core.Compress(block);
        _core.WriteDigest(digest);
        Erase.Value(ref this);
    }

    /// <summary>Room for the longest block of the family.</summary>
    [InlineArray(128)]
    private struct Block
    {
        private byte _first;
    }
}
