using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>Memory for secrets outside the collector's heap: never moved, never copied, erased when it is given back.</summary>
/// <remarks>
/// Native rather than pinned, because pinned arrays are collected only with the oldest generation, and a handshake makes a
/// few of them. A method that works on <see cref="Bytes"/> ends with <see cref="GC.KeepAlive(object)"/> on the owner:
/// otherwise the finalizer of an owner that nobody disposes may take the memory away beneath it.
/// </remarks>
internal sealed unsafe class SecretMemory : CriticalFinalizerObject, IDisposable
{
    private readonly int _length;
    private byte* _bytes;

    /// <summary>Takes <paramref name="length"/> bytes of unspecified content.</summary>
    public SecretMemory(int length)
    {
        _bytes = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64);
        _length = length;
    }

    ~SecretMemory() => Release();

    /// <summary>The memory.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bytes is null, this);
            return new(_bytes, _length);
        }
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_bytes is null)
        {
            return;
        }

        Erase.Span(new Span<byte>(_bytes, _length));
        NativeMemory.AlignedFree(_bytes);
        _bytes = null;
    }
}
