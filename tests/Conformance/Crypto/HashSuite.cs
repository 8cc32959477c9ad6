using System.Text;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of a hash function must do, given the published digests of the four messages of FIPS 180-4's examples and of the empty one.</summary>
public abstract class HashSuite
{
    private static readonly string[] Messages =
    [
        "",
        "abc",
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        new string('a', 1_000_000),
    ];

    protected abstract IHash Hash { get; }

    protected abstract int DigestLength { get; }

    /// <summary>Digests of <see cref="Messages"/>, in hexadecimal.</summary>
    protected abstract string[] Digests { get; }

    /// <summary>Another implementation, for random inputs.</summary>
    protected abstract byte[] Reference(ReadOnlySpan<byte> data);

    [Fact]
    public void The_digest_has_the_length_of_the_standard()
    {
        Assert.Equal(DigestLength, Hash.DigestLength);
        Assert.Equal(DigestLength * 2, Digests[0].Length);
    }

    [Fact]
    public void Published_digests_are_reproduced()
    {
        var digest = new byte[DigestLength];
        for (var i = 0; i < Messages.Length; i++)
        {
            Hash.Hash(Encoding.ASCII.GetBytes(Messages[i]), digest);
            Assert.Equal(Digests[i], Convert.ToHexStringLower(digest));
        }
    }

    [Fact]
    public void Every_length_around_the_block_boundaries_agrees_with_another_implementation()
    {
        var data = new byte[1100];
        new Random(1).NextBytes(data);
        var digest = new byte[DigestLength];
        for (var length = 0; length <= data.Length; length++)
        {
            Hash.Hash(data.AsSpan(0, length), digest);
            Assert.Equal(Reference(data.AsSpan(0, length)), digest);
        }
    }

    [Fact]
    public void Bytes_beyond_the_digest_are_left_alone()
    {
        var digest = new byte[DigestLength + 4];
        digest.AsSpan(DigestLength).Fill(0xa5);
        Hash.Hash([1, 2, 3], digest);
        Assert.Equal([0xa5, 0xa5, 0xa5, 0xa5], digest[DigestLength..]);
        Assert.Equal(Reference([1, 2, 3]), digest[..DigestLength]);
    }

    [Fact]
    public void The_digest_may_overwrite_the_message()
    {
        var buffer = new byte[300];
        new Random(2).NextBytes(buffer);
        var expected = Reference(buffer);
        Hash.Hash(buffer, buffer);
        Assert.Equal(expected, buffer[..DigestLength]);
    }

    [Fact]
    public void A_short_destination_is_the_callers_fault() =>
        Assert.Throws<ArgumentException>(() => Hash.Hash([1], new byte[DigestLength - 1]));

    [Fact]
    public void Hashing_allocates_nothing()
    {
        var data = new byte[1200];
        var digest = new byte[DigestLength];
        Allocations.AssertNone(() => Hash.Hash(data, digest));
        Allocations.AssertNone(() => Hash.Hash(data.AsSpan(0, 40), digest));
    }

    [Fact]
    public void A_message_in_parts_has_the_digest_of_the_whole_at_every_step()
    {
        var data = new byte[700];
        new Random(5).NextBytes(data);
        var digest = new byte[DigestLength + 1];
        digest[^1] = 0xa5;
        foreach (var part in new[] { 1, 7, 63, 64, 65, 127, 128, 200, 700 })
        {
            using var running = Hash.Start();
            Assert.Equal(DigestLength, running.DigestLength);
            for (var at = 0; at < data.Length; at += part)
            {
                running.Append(data.AsSpan(at, Math.Min(part, data.Length - at)));
                running.CopyDigest(digest);
                Assert.Equal(Reference(data.AsSpan(0, Math.Min(at + part, data.Length))), digest[..DigestLength]);
            }
        }

        Assert.Equal(0xa5, digest[^1]);
    }

    [Fact]
    public void A_clone_goes_its_own_way()
    {
        var digest = new byte[DigestLength];
        using var first = Hash.Start();
        first.Append([1, 2, 3]);
        using var second = first.Clone();
        first.Append([4]);
        second.Append([5, 6]);
        first.CopyDigest(digest);
        Assert.Equal(Reference([1, 2, 3, 4]), digest);
        second.CopyDigest(digest);
        Assert.Equal(Reference([1, 2, 3, 5, 6]), digest);
        Assert.Throws<ArgumentException>(() => first.CopyDigest(new byte[DigestLength - 1]));
    }

    [Fact]
    public void A_running_hash_allocates_nothing_once_started_and_ends_with_its_erasure()
    {
        var data = new byte[200];
        var digest = new byte[DigestLength];
        var running = Hash.Start();
        Allocations.AssertNone(() => running.Append(data));
        Allocations.AssertNone(() => running.CopyDigest(digest));
        running.Dispose();
        Assert.Throws<ObjectDisposedException>(() => running.Append(data));
        Assert.Throws<ObjectDisposedException>(() => running.CopyDigest(digest));
        Assert.Throws<ObjectDisposedException>(() => running.Clone());
    }
}
