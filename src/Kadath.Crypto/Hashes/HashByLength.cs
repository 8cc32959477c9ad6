namespace Kadath.Crypto;

/// <summary>One hash function by two fills: short messages by the one without a fixed cost per call, long ones by the one with the higher rate.</summary>
public sealed class HashByLength : IHash
{
    private readonly IHash _forShort, _forLong;
    private readonly int _longFrom;

    /// <summary>Joins two fills of the same function.</summary>
    /// <param name="forShort">Takes messages of fewer than <paramref name="longFrom"/> bytes.</param>
    /// <param name="forLong">Takes the others.</param>
    /// <param name="longFrom">The length, in bytes, from which <paramref name="forLong"/> is the faster.</param>
    /// <exception cref="ArgumentException">The fills' digests differ in length.</exception>
    public HashByLength(IHash forShort, IHash forLong, int longFrom)
    {
        ArgumentNullException.ThrowIfNull(forShort);
        ArgumentNullException.ThrowIfNull(forLong);
        ArgumentOutOfRangeException.ThrowIfNegative(longFrom);
        if (forShort.DigestLength != forLong.DigestLength)
        {
            throw new ArgumentException("The fills are of different functions.", nameof(forLong));
        }

        Fill = $"{forShort.Fill}+{forLong.Fill}";
        (_forShort, _forLong, _longFrom) = (forShort, forLong, longFrom);
    }

    /// <inheritdoc/>
    public string Fill { get; }

    /// <inheritdoc/>
    public int DigestLength => _forShort.DigestLength;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => (data.Length < _longFrom ? _forShort : _forLong).Hash(data, digest);

    /// <inheritdoc/>
    /// <remarks>Its length is not known: it is taken for long.</remarks>
    public RunningHash Start() => _forLong.Start();
}
