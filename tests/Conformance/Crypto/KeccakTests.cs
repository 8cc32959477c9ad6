using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>States that are permuted in step are permuted as each alone, and running hashes agree with those over the whole.</summary>
public sealed class KeccakTests
{
    /// <summary>The state of zeros after one permutation and after two, from the Keccak team's intermediate values.</summary>
    [Fact]
    public void The_permutation_of_zeros_is_the_published_one()
    {
        var state = new ulong[Keccak.Words];
        Keccak.Permute(state);
        Assert.Equal<ulong>([0xf1258f7940e1dde7, 0x84d5ccf933c0478a, 0xd598261ea65aa9ee, 0xbd1547306f80494d, 0x8b284e056253d057], state[..5]);
        Assert.Equal(0xeaf1ff7b5ceca249UL, state[24]);
        Keccak.Permute(state);
        Assert.Equal(0x2d5c954df96ecb3cUL, state[0]);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void States_in_step_are_permuted_as_each_alone(int count)
    {
        Assert.SkipUnless(count == 4 || VectorWidths.Best == VectorWidth.Bits512, "needs AVX-512");
        var random = new Random(count);
        var states = new ulong[Keccak.Words * count];
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        }

        var alone = Enumerable.Range(0, count).Select(lane => Enumerable.Range(0, Keccak.Words).Select(word => states[(word * count) + lane]).ToArray()).ToArray();
        for (var round = 0; round < 20; round++)
        {
            if (count == 4)
            {
                Keccak.Permute4(states);
            }
            else
            {
                Keccak.Permute8(states);
            }

            for (var lane = 0; lane < count; lane++)
            {
                Keccak.Permute(alone[lane]);
                Assert.Equal(alone[lane], Enumerable.Range(0, Keccak.Words).Select(word => states[(word * count) + lane]));
            }
        }
    }

    [Fact]
    public void A_running_hash_gives_the_digest_of_what_it_has_taken_in_whatever_the_parts()
    {
        var random = new Random(2);
        var data = new byte[3000];
        random.NextBytes(data);
        foreach (var hash in new[] { ManagedSha3.Sha3_256, ManagedSha3.Sha3_384, ManagedSha3.Sha3_512 })
        {
            using var running = hash.Start();
            var (now, whole) = (new byte[hash.DigestLength], new byte[hash.DigestLength]);
            for (var taken = 0; taken < 2800;)
            {
                var part = random.Next(200);
                running.Append(data.AsSpan(taken, part));
                taken += part;
                using var clone = running.Clone();
                clone.CopyDigest(now);
                hash.Hash(data.AsSpan(0, taken), whole);
                Assert.Equal(whole, now);
                clone.Append([1]);
                running.CopyDigest(now);
                Assert.Equal(whole, now);
            }

            running.Dispose();
            Assert.Throws<ObjectDisposedException>(() => running.Append([1]));
        }
    }
}
