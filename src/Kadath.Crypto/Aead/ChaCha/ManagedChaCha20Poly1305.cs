using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>ChaCha20-Poly1305 (RFC 8439) in C#, by the widest vectors of the processor: additions, rotations and multiplications, no tables.</summary>
public sealed class ManagedChaCha20Poly1305 : IAead
{
    private readonly VectorWidth _width;

    /// <summary>Takes the widest vectors of this processor.</summary>
    public ManagedChaCha20Poly1305()
        : this(VectorWidths.Best)
    {
    }

    internal ManagedChaCha20Poly1305(VectorWidth width) => _width = VectorWidths.AtMost(width);

    /// <summary>Whether this processor has the vectors that make this fill the fastest one.</summary>
    public static bool IsAccelerated => VectorWidths.Best != VectorWidth.None;

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int KeyBytes => AeadLengths.ChaChaKey;

    /// <inheritdoc/>
    public AeadKey CreateKey(ReadOnlySpan<byte> key)
    {
        AeadLengths.Require(key, KeyBytes);
        return _width switch
        {
            VectorWidth.Bits512 => new ChaChaKey<ChaChaKernel<Vector512<uint>, ChaChaVector512>>(key),
            VectorWidth.Bits256 => new ChaChaKey<ChaChaKernel<Vector256<uint>, ChaChaVector256>>(key),
            _ => new ChaChaKey<ChaChaKernel<Vector128<uint>, ChaChaVector128>>(key),
        };
    }
}
