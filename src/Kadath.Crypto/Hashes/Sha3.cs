using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>SHA-3 (FIPS 202) in C#.</summary>
public sealed class ManagedSha3 : IHash
{
    private readonly int _rate;

    private ManagedSha3(int digestLength) => (DigestLength, _rate) = (digestLength, (Keccak.Words * sizeof(ulong)) - (2 * digestLength));

    /// <summary>SHA3-256.</summary>
    public static ManagedSha3 Sha3_256 { get; } = new(32);

    /// <summary>SHA3-384.</summary>
    public static ManagedSha3 Sha3_384 { get; } = new(48);

    /// <summary>SHA3-512.</summary>
    public static ManagedSha3 Sha3_512 { get; } = new(64);

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int DigestLength { get; }

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Destination.Check(digest, DigestLength, nameof(digest));
        Sponge.Hash(_rate, Sponge.Sha3Suffix, data, [], digest[..DigestLength]);
    }

    /// <inheritdoc/>
    public RunningHash Start() => new RunningSha3(_rate, DigestLength);

    private sealed class RunningSha3 : RunningHash
    {
        // What is hashed may be secret: pinned, so that the collector leaves no copies behind.
        private readonly Sponge[] _sponge = GC.AllocateUninitializedArray<Sponge>(1, pinned: true);
        private bool _erased;

        public RunningSha3(int rate, int digestLength)
            : base(digestLength) => _sponge[0] = new(rate, Sponge.Sha3Suffix);

        private RunningSha3(in Sponge sponge, int digestLength)
            : base(digestLength) => _sponge[0] = sponge;

        private ref Sponge Current
        {
            get
            {
                ObjectDisposedException.ThrowIf(_erased, this);
                return ref _sponge[0];
            }
        }

        public override void Append(ReadOnlySpan<byte> data) => Current.Absorb(data);

        public override RunningHash Clone() => new RunningSha3(Current, DigestLength);

        private protected override void CopyDigestCore(Span<byte> digest)
        {
            var copy = Current;
            copy.Finish();
            copy.Squeeze(digest);
            Erase.Value(ref copy);
        }

        private protected override void EraseState()
        {
            _erased = true;
            Erase.Value(ref _sponge[0]);
        }
    }
}

/// <summary>SHA-3 (FIPS 202) of the class library, where the system's library has it (<see cref="IsSupported"/>).</summary>
public sealed class BclSha3 : IHash
{
    private BclSha3(int digestLength) => DigestLength = digestLength;

    /// <summary>Whether this system has it: OpenSSL does from 1.1.1 on, Windows from 11 on.</summary>
    public static bool IsSupported => SHA3_256.IsSupported;

    /// <summary>SHA3-256.</summary>
    public static BclSha3 Sha3_256 { get; } = new(32);

    /// <summary>SHA3-384.</summary>
    public static BclSha3 Sha3_384 { get; } = new(48);

    /// <summary>SHA3-512.</summary>
    public static BclSha3 Sha3_512 { get; } = new(64);

    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int DigestLength { get; }

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => _ = DigestLength switch
    {
        32 => SHA3_256.HashData(data, digest),
        48 => SHA3_384.HashData(data, digest),
        _ => SHA3_512.HashData(data, digest),
    };

    /// <inheritdoc/>
    public RunningHash Start() => new BclRunningHash(
        DigestLength switch
        {
            32 => HashAlgorithmName.SHA3_256,
            48 => HashAlgorithmName.SHA3_384,
            _ => HashAlgorithmName.SHA3_512,
        },
        DigestLength);
}
