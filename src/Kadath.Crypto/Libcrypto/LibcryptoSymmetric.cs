using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>The ciphers and compression functions of the system's libcrypto 3: probed apart from <see cref="Libcrypto"/>, so that a build without one family still serves the other.</summary>
internal static unsafe class LibcryptoSymmetric
{
    public static readonly delegate* unmanaged<nint, byte*, byte*, nint> FetchCipher = (delegate* unmanaged<nint, byte*, byte*, nint>)Export("EVP_CIPHER_fetch");
    public static readonly delegate* unmanaged<nint> NewContext = (delegate* unmanaged<nint>)Export("EVP_CIPHER_CTX_new");
    public static readonly delegate* unmanaged<nint, void> FreeContext = (delegate* unmanaged<nint, void>)Export("EVP_CIPHER_CTX_free");
    public static readonly delegate* unmanaged<nint, nint, byte*, byte*, nint, int> EncryptInit = (delegate* unmanaged<nint, nint, byte*, byte*, nint, int>)Export("EVP_EncryptInit_ex2");
    public static readonly delegate* unmanaged<nint, nint, byte*, byte*, nint, int> DecryptInit = (delegate* unmanaged<nint, nint, byte*, byte*, nint, int>)Export("EVP_DecryptInit_ex2");
    public static readonly delegate* unmanaged<nint, byte*, int*, byte*, int, int> EncryptUpdate = (delegate* unmanaged<nint, byte*, int*, byte*, int, int>)Export("EVP_EncryptUpdate");
    public static readonly delegate* unmanaged<nint, byte*, int*, byte*, int, int> DecryptUpdate = (delegate* unmanaged<nint, byte*, int*, byte*, int, int>)Export("EVP_DecryptUpdate");
    public static readonly delegate* unmanaged<nint, byte*, int*, int> EncryptFinal = (delegate* unmanaged<nint, byte*, int*, int>)Export("EVP_EncryptFinal_ex");
    public static readonly delegate* unmanaged<nint, byte*, int*, int> DecryptFinal = (delegate* unmanaged<nint, byte*, int*, int>)Export("EVP_DecryptFinal_ex");
    public static readonly delegate* unmanaged<nint, int, int, byte*, int> Control = (delegate* unmanaged<nint, int, int, byte*, int>)Export("EVP_CIPHER_CTX_ctrl");

    // One block each takes some fifty nanoseconds and never waits: short enough to leave the collector's protocol out.
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void> Sha256Transform =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void>)Export("SHA256_Transform");
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void> Sha512Transform =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void>)Export("SHA512_Transform");

    /// <summary>Whether the ciphers can be called.</summary>
    public static bool HasCiphers { get; } =
        FetchCipher is not null && NewContext is not null && FreeContext is not null && EncryptInit is not null && DecryptInit is not null
        && EncryptUpdate is not null && DecryptUpdate is not null && EncryptFinal is not null && DecryptFinal is not null && Control is not null;

    /// <summary>Whether the compression functions of SHA-2 can be called: a build without deprecated functions lacks them.</summary>
    public static bool HasSha2 { get; } = Sha256Transform is not null && Sha512Transform is not null;

    public static void RequireSha2()
    {
        if (!HasSha2)
        {
            throw new PlatformNotSupportedException("There is no libcrypto 3 with the compression functions of SHA-2 here.");
        }
    }

    private static void* Export(string name) =>
        Libcrypto.Library != 0 && NativeLibrary.TryGetExport(Libcrypto.Library, name, out var address) ? (void*)address : null;
}
