using System.Security.Cryptography;

namespace Kadath.Tls;

/// <summary>A secret in pinned memory, so that the collector leaves no copies behind. Whoever holds it erases it.</summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;

    public SecretBytes(int length) => _bytes = GC.AllocateArray<byte>(length, pinned: true);

    public SecretBytes(ReadOnlySpan<byte> value)
        : this(value.Length) => value.CopyTo(_bytes);

    public Span<byte> Span => _bytes;

    public int Length => _bytes.Length;

    public bool IsErased { get; private set; }

    public static void Erase(Span<byte> bytes) => CryptographicOperations.ZeroMemory(bytes);

    public void Dispose()
    {
        IsErased = true;
        Erase(_bytes);
    }
}
