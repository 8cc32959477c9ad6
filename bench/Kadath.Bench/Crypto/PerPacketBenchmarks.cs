using BenchmarkDotNet.Attributes;
using Kadath.Crypto;

namespace Kadath.Bench.Crypto;

/// <summary>What a node computes for single packets: the MAC of a write token, the checksum of an address, the comparison of a token.</summary>
[Config(typeof(CpuTimeConfig))]
public class PerPacketBenchmarks
{
    private readonly CryptoProvider _provider = CryptoProvider.Default;
    private readonly byte[] _tokenInput = new byte[32];
    private readonly byte[] _token = new byte[8], _expected = new byte[8];
    private readonly byte[] _address = new byte[4], _address6 = new byte[8];

    /// <summary>An address of 4 bytes, a target of 20, a window of 8.</summary>
    [Benchmark]
    public ulong SipHashOfToken() => _provider.SipHash.Hash(new(1, 2), _tokenInput);

    [Benchmark]
    public uint Crc32COfIPv4() => _provider.Crc32C.Compute(_address);

    [Benchmark]
    public uint Crc32COfIPv6() => _provider.Crc32C.Compute(_address6);

    [Benchmark]
    public bool CompareTokens() => ConstantTime.AreEqual(_token, _expected);
}
