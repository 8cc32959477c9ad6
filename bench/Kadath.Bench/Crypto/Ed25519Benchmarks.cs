using BenchmarkDotNet.Attributes;
using Kadath.Crypto;

namespace Kadath.Bench.Crypto;

/// <summary>Ed25519 over messages of the sizes that BEP 44 signs: a small item and the largest.</summary>
[Config(typeof(CpuTimeConfig))]
public class Ed25519Benchmarks
{
    private readonly IEd25519 _ed25519 = CryptoProvider.Default.Ed25519;
    private readonly byte[] _signature = new byte[Ed25519PrivateKey.SignatureLength];
    private readonly byte[] _seed = new byte[Ed25519PrivateKey.SeedLength];
    private Ed25519PrivateKey _key = null!;
    private byte[] _message = [];

    [Params(100, 1000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _key = _ed25519.ImportSeed(_seed);
        _message = new byte[Bytes];
        _ed25519.Sign(_key, _message, _signature);
    }

    [Benchmark]
    public void Sign() => _ed25519.Sign(_key, _message, _signature);

    [Benchmark]
    public bool Verify() => _ed25519.Verify(_key.PublicKey, _message, _signature);
}

/// <summary>Making a key from its seed.</summary>
[Config(typeof(CpuTimeConfig))]
public class Ed25519KeyBenchmarks
{
    private readonly IEd25519 _ed25519 = CryptoProvider.Default.Ed25519;
    private readonly byte[] _seed = new byte[Ed25519PrivateKey.SeedLength];

    [Benchmark]
    public Ed25519PrivateKey ImportSeed() => _ed25519.ImportSeed(_seed);
}
