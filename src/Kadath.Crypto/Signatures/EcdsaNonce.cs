namespace Kadath.Crypto;

/// <summary>Nonces of ECDSA as RFC 6979 section 3.2 derives them, with fresh bytes as the additional data of section 3.6.</summary>
/// <remarks>So a nonce is unpredictable as long as the key is, even where the generator fails, and different each time, even where a fault in a repeated computation would tell the key.</remarks>
internal ref struct EcdsaNonce
{
    /// <summary>Length of the fresh bytes.</summary>
    public const int HedgeBytes = 32;

    private readonly NistCurve _curve;
    private readonly Span<byte> _key, _value;
    private bool _used;

    /// <param name="room">Memory for the state, twice the scalar's length; erased in the end.</param>
    /// <param name="curve">The curve, whose hash is as long as its order.</param>
    /// <param name="scalar">The private key.</param>
    /// <param name="digest">The hash of the message.</param>
    /// <param name="hedge">Fresh bytes, at most <see cref="HedgeBytes"/>; none gives the deterministic nonces of the RFC.</param>
    public EcdsaNonce(Span<byte> room, NistCurve curve, scoped ReadOnlySpan<byte> scalar, scoped ReadOnlySpan<byte> digest, scoped ReadOnlySpan<byte> hedge)
    {
        _curve = curve;
        _key = room[..curve.ScalarBytes];
        _value = room[curve.ScalarBytes..];
        _key.Clear();
        _value.Fill(1);

        // bits2octets: the digest modulo the order.
        Span<byte> reduced = stackalloc byte[curve.ScalarBytes];
        curve.Arithmetic.ReduceModuloOrder(digest, reduced);
        Span<byte> input = stackalloc byte[(2 * curve.ScalarBytes) + HedgeBytes];
        scalar.CopyTo(input);
        reduced.CopyTo(input[scalar.Length..]);
        hedge.CopyTo(input[(2 * scalar.Length)..]);
        input = input[..((2 * scalar.Length) + hedge.Length)];
        Update(0, input);
        Update(1, input);
        Erase.Span(input);
    }

    /// <summary>Writes the next number from 1 to n - 1.</summary>
    public void Next(scoped Span<byte> nonce)
    {
        if (_used)
        {
            Update(0, []);
        }

        _used = true;
        while (true)
        {
            _curve.ManagedMac.Compute(_key, _value, _value);
            _value.CopyTo(nonce);
            if (_curve.IsScalar(nonce))
            {
                return;
            }

            Update(0, []);
        }
    }

    /// <summary>Erases the state.</summary>
    public readonly void Dispose()
    {
        Erase.Span(_key);
        Erase.Span(_value);
    }

    /// <summary>K = HMAC(K, V ‖ separator ‖ input), V = HMAC(K, V).</summary>
    private readonly void Update(byte separator, scoped ReadOnlySpan<byte> input)
    {
        Span<byte> data = stackalloc byte[_value.Length + 1 + input.Length];
        _value.CopyTo(data);
        data[_value.Length] = separator;
        input.CopyTo(data[(_value.Length + 1)..]);
        _curve.ManagedMac.Compute(_key, data, _key);
        _curve.ManagedMac.Compute(_key, _value, _value);
        Erase.Span(data);
    }
}
