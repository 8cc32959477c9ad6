using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

public sealed class BclAesGcmTests : AesGcmSuite
{
    protected override IAead Create(int keyBytes) => new BclAesGcm(keyBytes);
}

public sealed class DefaultAesGcmTests : AesGcmSuite
{
    protected override IAead Create(int keyBytes) => keyBytes switch
    {
        16 => CryptoProvider.Default.Aes128Gcm,
        32 => CryptoProvider.Default.Aes256Gcm,
        _ => new ManagedAesGcm(keyBytes),
    };
}

public sealed class WideAesGcmTests : AesGcmSuite
{
    protected override IAead Create(int keyBytes) => ManagedPath.AesGcm(keyBytes, AesPath.Wide);
}

public sealed class X86AesGcmTests : AesGcmSuite
{
    protected override IAead Create(int keyBytes) => ManagedPath.AesGcm(keyBytes, AesPath.X86);
}

public sealed class ArmAesGcmTests : AesGcmSuite
{
    protected override IAead Create(int keyBytes) => ManagedPath.AesGcm(keyBytes, AesPath.Arm);
}

public sealed class PortableAesGcmTests : AesGcmSuite
{
    protected override IAead Create(int keyBytes) => ManagedPath.AesGcm(keyBytes, AesPath.Portable);
}

public sealed class BclChaCha20Poly1305Tests : ChaCha20Poly1305Suite
{
    protected override IAead Create(int keyBytes) => new BclChaCha20Poly1305();
}

public sealed class DefaultChaCha20Poly1305Tests : ChaCha20Poly1305Suite
{
    protected override IAead Create(int keyBytes) => CryptoProvider.Default.ChaCha20Poly1305;
}

public sealed class Vector512ChaCha20Poly1305Tests : ChaCha20Poly1305Suite
{
    protected override IAead Create(int keyBytes) => ManagedPath.ChaCha20Poly1305(VectorWidth.Bits512);
}

public sealed class Vector256ChaCha20Poly1305Tests : ChaCha20Poly1305Suite
{
    protected override IAead Create(int keyBytes) => ManagedPath.ChaCha20Poly1305(VectorWidth.Bits256);
}

public sealed class Vector128ChaCha20Poly1305Tests : ChaCha20Poly1305Suite
{
    protected override IAead Create(int keyBytes) => ManagedPath.ChaCha20Poly1305(VectorWidth.None);
}

public sealed class LibcryptoAesGcmTests : AesGcmSuite
{
    protected override IAead Create(int keyBytes)
    {
        Assert.SkipUnless(LibcryptoAesGcm.IsSupported, "no libcrypto 3 here");
        return new LibcryptoAesGcm(keyBytes);
    }
}

public sealed class LibcryptoChaCha20Poly1305Tests : ChaCha20Poly1305Suite
{
    protected override IAead Create(int keyBytes)
    {
        Assert.SkipUnless(LibcryptoChaCha20Poly1305.IsSupported, "no libcrypto 3 here");
        return new LibcryptoChaCha20Poly1305();
    }
}

/// <summary>The ways of a managed fill, each of which is tested on the processors that can take it.</summary>
internal static class ManagedPath
{
    public static IAead AesGcm(int keyBytes, AesPath path)
    {
        Assert.SkipUnless(AesPaths.IsSupported(path), $"this processor cannot take the path {path}");
        return new ManagedAesGcm(keyBytes, path);
    }

    public static IAead ChaCha20Poly1305(VectorWidth width)
    {
        Assert.SkipUnless(VectorWidths.AtMost(width) == width, $"this processor has no vectors of {width}");
        return new ManagedChaCha20Poly1305(width);
    }
}
