using System.Security.Cryptography;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of an AEAD must do, whichever the cipher.</summary>
public abstract class AeadSuite
{
    // Past several runs of every kernel, and a last run of every length.
    private const int Longest = 1100;

    /// <summary>The lengths of keys that the cipher takes.</summary>
    protected abstract int[] KeyLengths { get; }

    protected abstract IAead Create(int keyBytes);

    /// <summary>Another implementation: ciphertext, then tag.</summary>
    protected abstract byte[] Reference(byte[] key, byte[] nonce, byte[] associatedData, byte[] plaintext);

    [Fact]
    public void Every_length_is_sealed_as_another_implementation_does_and_opened_again()
    {
        foreach (var keyBytes in KeyLengths)
        {
            for (var length = 0; length <= Longest; length++)
            {
                var test = Message.Random(keyBytes, length, associatedLength: length * 7 % 101, seed: length);
                using var key = Create(keyBytes).CreateKey(test.Key);
                var output = new byte[length + AeadKey.TagBytes];
                key.Seal(test.Nonce, test.AssociatedData, test.Plaintext, output);
                Assert.Equal(Reference(test.Key, test.Nonce, test.AssociatedData, test.Plaintext), output);
                var opened = new byte[length];
                Assert.True(key.TryOpen(test.Nonce, test.AssociatedData, output, opened));
                Assert.Equal(test.Plaintext, opened);
            }
        }
    }

    [Fact]
    public void Long_messages_and_long_associated_data_agree_with_another_implementation()
    {
        foreach (var keyBytes in KeyLengths)
        {
            foreach (var (length, associatedLength) in new[] { (16_384, 5), (16_401, 13), (65_537, 0), (0, 4099), (300, 70_000), (1 << 20, 16) })
            {
                var test = Message.Random(keyBytes, length, associatedLength, seed: length + associatedLength);
                using var key = Create(keyBytes).CreateKey(test.Key);
                var output = new byte[length + AeadKey.TagBytes];
                key.Seal(test.Nonce, test.AssociatedData, test.Plaintext, output);
                Assert.Equal(Reference(test.Key, test.Nonce, test.AssociatedData, test.Plaintext), output);
                Assert.True(key.TryOpen(test.Nonce, test.AssociatedData, output, output));
                Assert.Equal(test.Plaintext, output[..length]);
            }
        }
    }

    [Fact]
    public void Sealing_and_opening_in_place_equals_doing_so_apart()
    {
        foreach (var keyBytes in KeyLengths)
        {
            for (var length = 0; length <= 400; length++)
            {
                var test = Message.Random(keyBytes, length, associatedLength: 13, seed: length);
                using var key = Create(keyBytes).CreateKey(test.Key);
                var buffer = new byte[length + AeadKey.TagBytes + 3];
                test.Plaintext.CopyTo(buffer, 0);
                buffer.AsSpan(length + AeadKey.TagBytes).Fill(0xa5);
                key.Seal(test.Nonce, test.AssociatedData, buffer.AsSpan(0, length), buffer);
                Assert.Equal(Reference(test.Key, test.Nonce, test.AssociatedData, test.Plaintext), buffer[..^3]);
                Assert.Equal([0xa5, 0xa5, 0xa5], buffer[^3..]);
                var tag = buffer[length..];
                Assert.True(key.TryOpen(test.Nonce, test.AssociatedData, buffer.AsSpan(0, length + AeadKey.TagBytes), buffer));
                Assert.Equal(test.Plaintext, buffer[..length]);
                Assert.Equal(tag, buffer[length..]);
            }
        }
    }

    [Fact]
    public void What_was_changed_anywhere_is_refused_and_its_output_erased()
    {
        foreach (var keyBytes in KeyLengths)
        {
            foreach (var length in new[] { 0, 1, 15, 16, 63, 64, 100, 128, 129, 300 })
            {
                var test = Message.Random(keyBytes, length, associatedLength: 9, seed: length);
                using var key = Create(keyBytes).CreateKey(test.Key);
                var output = new byte[length + AeadKey.TagBytes];
                key.Seal(test.Nonce, test.AssociatedData, test.Plaintext, output);
                for (var position = 0; position < output.Length; position++)
                {
                    var changed = (byte[])output.Clone();
                    changed[position] ^= (byte)(1 << (position % 8));
                    AssertRefused(key, test.Nonce, test.AssociatedData, changed);
                }

                AssertRefused(key, test.Nonce, [.. test.AssociatedData, 0], output);
                AssertRefused(key, test.Nonce, test.AssociatedData[1..], output);
                AssertRefused(key, [.. test.Nonce[..^1], (byte)(test.Nonce[^1] ^ 1)], test.AssociatedData, output);
                AssertRefused(key, test.Nonce, test.AssociatedData, [.. output, 0]);
            }
        }
    }

    [Fact]
    public void What_is_shorter_than_a_tag_is_refused_without_a_word()
    {
        using var key = Create(KeyLengths[0]).CreateKey(new byte[KeyLengths[0]]);
        for (var length = 0; length < AeadKey.TagBytes; length++)
        {
            Assert.False(key.TryOpen(new byte[12], [], new byte[length], []));
        }
    }

    [Fact]
    public void Wrong_lengths_and_overlaps_are_the_callers_fault()
    {
        foreach (var keyBytes in KeyLengths)
        {
            var aead = Create(keyBytes);
            Assert.Equal(keyBytes, aead.KeyBytes);
            Assert.Throws<ArgumentException>(() => aead.CreateKey(new byte[keyBytes - 1]));
            Assert.Throws<ArgumentException>(() => aead.CreateKey(new byte[24]));
            using var key = aead.CreateKey(new byte[keyBytes]);
            var buffer = new byte[100];
            Assert.Throws<ArgumentException>(() => key.Seal(new byte[11], [], [], buffer));
            Assert.Throws<ArgumentException>(() => key.Seal(new byte[16], [], [], buffer));
            Assert.Throws<ArgumentException>(() => key.TryOpen(new byte[13], [], buffer, new byte[100]));
            Assert.Throws<ArgumentException>(() => key.Seal(new byte[12], [], new byte[10], new byte[25]));
            Assert.Throws<ArgumentException>(() => key.TryOpen(new byte[12], [], new byte[26], new byte[9]));
            Assert.Throws<ArgumentException>(() => key.Seal(new byte[12], [], buffer.AsSpan(1, 20), buffer));
            Assert.Throws<ArgumentException>(() => key.TryOpen(new byte[12], [], buffer.AsSpan(0, 50), buffer.AsSpan(1)));
            Assert.Equal(new byte[100], buffer);
        }
    }

    [Fact]
    public void An_erased_key_works_no_more()
    {
        var key = Create(KeyLengths[0]).CreateKey(new byte[KeyLengths[0]]);
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Seal(new byte[12], [], [], new byte[16]));
        Assert.Throws<ObjectDisposedException>(() => key.TryOpen(new byte[12], [], new byte[16], []));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        foreach (var keyBytes in KeyLengths)
        {
            using var key = Create(keyBytes).CreateKey(new byte[keyBytes]);
            var (nonce, associatedData, plaintext, output) = (new byte[12], new byte[13], new byte[1200], new byte[1216]);
            Allocations.AssertNone(() => key.Seal(nonce, associatedData, plaintext, output));
            Allocations.AssertNone(() => key.TryOpen(nonce, associatedData, output, plaintext));
            Assert.True(key.TryOpen(nonce, associatedData, output, plaintext));
        }
    }

    /// <summary>Runs all cases that this cipher's policy admits, and counts them: agreed with, refused for the key's length, refused for the nonce's.</summary>
    protected (int Passed, int OtherKeys, int OtherNonces) RunWycheproof(string file)
    {
        var counts = (Passed: 0, OtherKeys: 0, OtherNonces: 0);
        foreach (var test in WycheproofAead.Read(file))
        {
            var name = $"{test.Id}: {test.Comment}";
            if (!KeyLengths.Contains(test.KeyBits / 8))
            {
                Assert.All(KeyLengths, length => Assert.Throws<ArgumentException>(() => Create(length).CreateKey(test.Key)));
                counts.OtherKeys++;
                continue;
            }

            using var key = Create(test.KeyBits / 8).CreateKey(test.Key);
            var output = new byte[test.Sealed.Length];
            if (test.NonceBits != 8 * AeadKey.NonceBytes)
            {
                Assert.Throws<ArgumentException>(() => key.Seal(test.Nonce, test.AssociatedData, test.Plaintext, output));
                Assert.Throws<ArgumentException>(() => key.TryOpen(test.Nonce, test.AssociatedData, test.Sealed, output));
                counts.OtherNonces++;
                continue;
            }

            key.Seal(test.Nonce, test.AssociatedData, test.Plaintext, output);
            Assert.True(test.Valid == output.AsSpan().SequenceEqual(test.Sealed), name);
            var opened = new byte[test.Plaintext.Length];
            Assert.True(test.Valid == key.TryOpen(test.Nonce, test.AssociatedData, test.Sealed, opened), name);
            Assert.Equal(test.Valid ? test.Plaintext : new byte[opened.Length], opened);
            counts.Passed++;
        }

        return counts;
    }

    private static void AssertRefused(AeadKey key, byte[] nonce, byte[] associatedData, byte[] changed)
    {
        var output = new byte[changed.Length];
        output.AsSpan().Fill(0xa5);
        Assert.False(key.TryOpen(nonce, associatedData, changed, output));
        Assert.Equal(new byte[changed.Length - AeadKey.TagBytes], output[..^AeadKey.TagBytes]);
        Assert.All(output[^AeadKey.TagBytes..], octet => Assert.Equal(0xa5, octet));
    }

    private sealed record Message(byte[] Key, byte[] Nonce, byte[] AssociatedData, byte[] Plaintext)
    {
        public static Message Random(int keyBytes, int length, int associatedLength, int seed)
        {
            var random = new Random(seed);
            byte[] Bytes(int count)
            {
                var bytes = new byte[count];
                random.NextBytes(bytes);
                return bytes;
            }

            return new(Bytes(keyBytes), Bytes(AeadKey.NonceBytes), Bytes(associatedLength), Bytes(length));
        }
    }
}

/// <summary>What every fill of AES-GCM must do.</summary>
public abstract class AesGcmSuite : AeadSuite
{
    protected override int[] KeyLengths => [16, 32];

    [Fact]
    public void Every_Wycheproof_case_passes_or_is_refused_by_policy() => Assert.Equal((133, 103, 80), RunWycheproof("aes_gcm_test.json"));

    [Fact]
    public void Aes_192_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Create(24));

    protected override byte[] Reference(byte[] key, byte[] nonce, byte[] associatedData, byte[] plaintext)
    {
        using var cipher = new AesGcm(key, AeadKey.TagBytes);
        var output = new byte[plaintext.Length + AeadKey.TagBytes];
        cipher.Encrypt(nonce, plaintext, output.AsSpan(0, plaintext.Length), output.AsSpan(plaintext.Length), associatedData);
        return output;
    }
}

/// <summary>What every fill of ChaCha20-Poly1305 must do.</summary>
public abstract class ChaCha20Poly1305Suite : AeadSuite
{
    protected override int[] KeyLengths => [32];

    [Fact]
    public void Every_Wycheproof_case_passes_or_is_refused_by_policy() => Assert.Equal((316, 0, 9), RunWycheproof("chacha20_poly1305_test.json"));

    protected override byte[] Reference(byte[] key, byte[] nonce, byte[] associatedData, byte[] plaintext)
    {
        using var cipher = new ChaCha20Poly1305(key);
        var output = new byte[plaintext.Length + AeadKey.TagBytes];
        cipher.Encrypt(nonce, plaintext, output.AsSpan(0, plaintext.Length), output.AsSpan(plaintext.Length), associatedData);
        return output;
    }
}
