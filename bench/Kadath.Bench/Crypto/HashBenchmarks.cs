using BenchmarkDotNet.Attributes;
using Kadath.Crypto;

namespace Kadath.Bench.Crypto;

/// <summary>The hash functions by fill: an address or key, a key with salt, the largest BEP 44 value.</summary>
[Config(typeof(CpuTimeConfig))]
public class HashBenchmarks
{
    private readonly byte[] _digest = new byte[64];
    private byte[] _message = [];
    private CryptoProvider _provider = CryptoProvider.Default;

    [Params(20, 96, 1000)]
    public int Bytes { get; set; }

    [Params("default", Fills.Managed, Fills.Bcl)]
    public string Fill { get; set; } = "default";

    [GlobalSetup]
    public void Prepare()
    {
        _message = new byte[Bytes];
        _provider = Fill switch
        {
            Fills.Managed => CryptoProvider.Managed,
            Fills.Bcl => CryptoProvider.Default with { Sha1 = new BclSha1(), Sha256 = new BclSha256(), Sha512 = new BclSha512(), HmacSha256 = new BclHmacSha256() },
            _ => CryptoProvider.Default,
        };
    }

    [Benchmark]
    public void Sha1() => _provider.Sha1.Hash(_message, _digest);

    [Benchmark]
    public void Sha256() => _provider.Sha256.Hash(_message, _digest);

    [Benchmark]
    public void Sha512() => _provider.Sha512.Hash(_message, _digest);

    [Benchmark]
    public void HmacSha256() => _provider.HmacSha256.Compute(_message.AsSpan(0, 20), _message, _digest);
}
