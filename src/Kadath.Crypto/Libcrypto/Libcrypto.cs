using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>The functions of OpenSSL's libcrypto 3 that fills call, where the system has it: probed once, never required.</summary>
/// <remarks>
/// They are the low-level functions on curves, which OpenSSL calls deprecated but ships in every default build of version 3: the
/// class library's way through providers costs two to five times as much as the arithmetic itself. A library without
/// one of them counts as absent.
/// </remarks>
internal static unsafe class Libcrypto
{
    private static readonly nint s_library = Load();

    private static int s_missing;

    public static readonly delegate* unmanaged<int, nint> GroupNewByCurveName = (delegate* unmanaged<int, nint>)Export("EC_GROUP_new_by_curve_name");

    public static readonly delegate* unmanaged<nint> KeyNew = (delegate* unmanaged<nint>)Export("EC_KEY_new");

    public static readonly delegate* unmanaged<nint, void> KeyFree = (delegate* unmanaged<nint, void>)Export("EC_KEY_free");

    public static readonly delegate* unmanaged<nint, nint, int> KeySetGroup = (delegate* unmanaged<nint, nint, int>)Export("EC_KEY_set_group");

    public static readonly delegate* unmanaged<nint, byte*, nuint, int> KeyReadPrivate = (delegate* unmanaged<nint, byte*, nuint, int>)Export("EC_KEY_oct2priv");

    public static readonly delegate* unmanaged<nint, nint> KeyPrivate = (delegate* unmanaged<nint, nint>)Export("EC_KEY_get0_private_key");

    public static readonly delegate* unmanaged<nint, nint, int> KeySetPublic = (delegate* unmanaged<nint, nint, int>)Export("EC_KEY_set_public_key");

    public static readonly delegate* unmanaged<nint, nint> PointNew = (delegate* unmanaged<nint, nint>)Export("EC_POINT_new");

    public static readonly delegate* unmanaged<nint, void> PointFree = (delegate* unmanaged<nint, void>)Export("EC_POINT_clear_free");

    public static readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, int> PointMultiply =
        (delegate* unmanaged<nint, nint, nint, nint, nint, nint, int>)Export("EC_POINT_mul");

    public static readonly delegate* unmanaged<nint, nint, byte*, nuint, nint, int> PointRead =
        (delegate* unmanaged<nint, nint, byte*, nuint, nint, int>)Export("EC_POINT_oct2point");

    public static readonly delegate* unmanaged<nint, nint, int, byte*, nuint, nint, nuint> PointWrite =
        (delegate* unmanaged<nint, nint, int, byte*, nuint, nint, nuint>)Export("EC_POINT_point2oct");

    public static readonly delegate* unmanaged<byte*, nuint, nint, nint, nint, int> EcdhCompute =
        (delegate* unmanaged<byte*, nuint, nint, nint, nint, int>)Export("ECDH_compute_key");

    public static readonly delegate* unmanaged<int, byte*, int, byte*, uint*, nint, int> EcdsaSign =
        (delegate* unmanaged<int, byte*, int, byte*, uint*, nint, int>)Export("ECDSA_sign");

    public static readonly delegate* unmanaged<int, byte*, int, byte*, int, nint, int> EcdsaVerify =
        (delegate* unmanaged<int, byte*, int, byte*, int, nint, int>)Export("ECDSA_verify");

    public static readonly delegate* unmanaged<void> ClearErrors = (delegate* unmanaged<void>)Export("ERR_clear_error");

    /// <summary>The library, or zero.</summary>
    public static nint Library => s_library;

    /// <summary>Whether the library loads and has every function.</summary>
    public static bool IsAvailable { get; } = s_library != 0 && s_missing == 0;

    /// <summary>By the one name under which the dynamic linker finds the system's library; elsewhere than on Linux the name would search folders that others may write to.</summary>
    private static nint Load() => OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libcrypto.so.3", out var library) ? library : 0;

    private static nint Export(string name)
    {
        if (s_library != 0 && NativeLibrary.TryGetExport(s_library, name, out var address))
        {
            return address;
        }

        s_missing++;
        return 0;
    }
}
