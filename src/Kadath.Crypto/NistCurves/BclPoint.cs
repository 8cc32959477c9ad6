using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>The class library's points as bytes.</summary>
internal static class BclPoint
{
    /// <summary>Writes a point uncompressed (SEC 1 section 2.3.3).</summary>
    public static void Write(in ECPoint point, Span<byte> bytes)
    {
        byte[] x = point.X!, y = point.Y!;
        if (bytes.Length < 1 + x.Length + y.Length)
        {
            throw new ArgumentException($"A public key needs {1 + x.Length + y.Length} bytes.", nameof(bytes));
        }

        bytes[0] = 4;
        x.CopyTo(bytes[1..]);
        y.CopyTo(bytes[(1 + x.Length)..]);
    }
}
