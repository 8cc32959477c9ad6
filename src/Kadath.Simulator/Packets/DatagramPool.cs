using System.Numerics;
using System.Runtime.InteropServices;
using Kadath.Primitives;

namespace Kadath.Simulator.Packets;

/// <summary>
/// The datagrams under way: bytes in pages by size class, and a header for each. Nothing is allocated once the pool has grown to what is in
/// flight at once; bytes beyond a datagram's length are never looked at.
/// </summary>
internal sealed class DatagramPool
{
    private const int PageBits = 8, PageSlots = 1 << PageBits;
    private const int ClassShift = 28, IndexMask = (1 << ClassShift) - 1;

    // Queries take some 100 bytes, replies with 8 nodes some 300, with 20 nodes some 620.
    private static readonly int[] s_sizes = [128, 384, 768, DatagramLimits.SendSlot];

    private readonly SizeClass[] _classes = [.. s_sizes.Select(static size => new SizeClass(size))];

    /// <summary>Datagrams under way.</summary>
    public int Count { get; private set; }

    /// <summary>Copies a datagram in and returns its handle.</summary>
    public int Add(ReadOnlySpan<byte> bytes, in DatagramHeader header)
    {
        int number = 0;
        while (s_sizes[number] < bytes.Length)
        {
            number++;
        }

        SizeClass slots = _classes[number];
        int index = slots.Take();
        bytes.CopyTo(slots.BytesOf(index));
        slots.Headers[index] = header with { Length = bytes.Length };
        Count++;
        return (number << ClassShift) | index;
    }

    /// <summary>The header of a datagram; valid until it is returned or another is added.</summary>
    public ref DatagramHeader HeaderOf(int handle) => ref _classes[handle >>> ClassShift].Headers[handle & IndexMask];

    /// <summary>The bytes of a datagram.</summary>
    public ReadOnlySpan<byte> BytesOf(int handle) => _classes[handle >>> ClassShift].BytesOf(handle & IndexMask)[..HeaderOf(handle).Length];

    /// <summary>Gives a datagram back.</summary>
    public void Return(int handle)
    {
        _classes[handle >>> ClassShift].Return(handle & IndexMask);
        Count--;
    }

    private sealed class SizeClass(int size)
    {
        private readonly List<byte[]> _pages = [];
        private int _free = -1;
        private int _used;

        public DatagramHeader[] Headers = [];

        public int Take()
        {
            if (_free >= 0)
            {
                int index = _free;
                _free = Headers[index].Length;
                return index;
            }

            if (_used == Headers.Length)
            {
                Array.Resize(ref Headers, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(PageSlots, _used + 1)));
            }

            if (_used >> PageBits == _pages.Count)
            {
                _pages.Add(GC.AllocateUninitializedArray<byte>(size << PageBits));
            }

            return _used++;
        }

        public Span<byte> BytesOf(int index) => MemoryMarshal.CreateSpan(
            ref MemoryMarshal.GetArrayDataReference(_pages[index >> PageBits]), size << PageBits).Slice((index & (PageSlots - 1)) * size, size);

        public void Return(int index)
        {
            Headers[index].Length = _free;
            _free = index;
        }
    }
}

/// <summary>What is known of a datagram under way.</summary>
internal record struct DatagramHeader
{
    /// <summary>The sender's endpoint, as the receiver sees it.</summary>
    public Endpoint From;

    /// <summary>The node that sent it.</summary>
    public int Source;

    /// <summary>Bytes.</summary>
    public int Length;

    /// <summary>The jitter of its exchange.</summary>
    public short Jitter;

    /// <summary>The port to which it was sent, which a NAT looks at.</summary>
    public ushort ToPort;

    /// <summary>The receiver's socket.</summary>
    public byte Socket;

    /// <summary>It answers a datagram of the receiver.</summary>
    public bool IsReply;
}
