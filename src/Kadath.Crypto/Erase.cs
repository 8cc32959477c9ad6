using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>Overwrites secrets with zeros in a way the compiler does not remove.</summary>
internal static class Erase
{
    public static void Span<T>(Span<T> secret)
        where T : unmanaged => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(secret));

    public static void Value<T>(ref T secret)
        where T : unmanaged => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<T>(ref secret)));
}
