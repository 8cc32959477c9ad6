using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>Several SHAKE functions in step, each over a message that fits into one block: how lattice schemes expand seeds.</summary>
/// <remarks>State i is in element i of the vectors, so absorbing and squeezing gather words that are <see cref="Count"/> apart.</remarks>
internal readonly ref struct ShakeLanes
{
    /// <summary>Words that the states of the widest variant need.</summary>
    public const int MaxWords = 8 * Keccak.Words;

    private readonly Span<ulong> _states;
    private readonly int _rate;

    /// <summary>Begins with states of zeros.</summary>
    /// <param name="storage">At least <see cref="MaxWords"/> words, which the caller erases.</param>
    /// <param name="count">1, 4 or 8.</param>
    /// <param name="rate">The rate, in bytes.</param>
    public ShakeLanes(Span<ulong> storage, int count, int rate)
    {
        Count = count;
        _states = storage[..(Keccak.Words * count)];
        _states.Clear();
        _rate = rate;
    }

    public int Count { get; }

    /// <summary>How many states to run at once for so many messages: the widest permutation costs what one state costs.</summary>
    public static int CountFor(int messages, VectorWidth width) => (messages, width) switch
    {
        ( > 4, VectorWidth.Bits512) => 8,
        ( > 1, VectorWidth.Bits512 or VectorWidth.Bits256) => 4,
        _ => 1,
    };

    /// <summary>Takes in the whole message of one state, shorter than the rate.</summary>
    public void Absorb(int lane, ReadOnlySpan<byte> message)
    {
        Span<ulong> block = stackalloc ulong[Keccak.Words];
        block.Clear();
        var bytes = MemoryMarshal.AsBytes(block);
        message.CopyTo(bytes);
        bytes[message.Length] = Sponge.ShakeSuffix;
        bytes[_rate - 1] |= 0x80;
        for (int i = 0, at = lane; i < block.Length && at < _states.Length; i++, at += Count)
        {
            _states[at] = block[i];
        }

        Erase.Span(block);
    }

    public void Permute()
    {
        switch (Count)
        {
            case 8:
                Keccak.Permute8(_states);
                break;
            case 4:
                Keccak.Permute4(_states);
                break;
            default:
                Keccak.Permute(_states);
                break;
        }
    }

    /// <summary>Copies the first words of one state: its next block of output, or a part of it.</summary>
    public void CopyTo(int lane, Span<ulong> block)
    {
        for (int i = 0, at = lane; i < block.Length && at < _states.Length; i++, at += Count)
        {
            block[i] = _states[at];
        }
    }

    /// <summary>Permutes and copies out whole blocks of the first states: state i to the words from i times <paramref name="stride"/> on.</summary>
    public void Squeeze(int blocks, int count, Span<ulong> streams, int stride)
    {
        var words = _rate / sizeof(ulong);
        for (var block = 0; block < blocks; block++)
        {
            Permute();
            for (var lane = 0; lane < count; lane++)
            {
                CopyTo(lane, streams.Slice((lane * stride) + (block * words), words));
            }
        }
    }
}
