using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Memory for an expanded key, zeros at first, aligned to the widest vector. Pinned, so that the collector leaves no copies behind.</summary>
internal sealed unsafe class PinnedSecret
{
    private const int Alignment = 64;

    private readonly byte[] _memory;

    public PinnedSecret(int length)
    {
        _memory = GC.AllocateArray<byte>(length + Alignment, pinned: true);
        Start = (byte*)(((nuint)Unsafe.AsPointer(ref _memory[0]) + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    public byte* Start { get; }

    public void Erase() => Crypto.Erase.Span<byte>(_memory);
}
