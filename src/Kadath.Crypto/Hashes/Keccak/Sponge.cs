using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>A sponge over one Keccak state (FIPS 202 section 4): absorbs a message in parts, then gives as much output as asked. Lives on the caller's stack.</summary>
/// <remarks>Bytes are mapped to words in the order of the processor, which is little-endian wherever .NET runs.</remarks>
internal struct Sponge
{
    /// <summary>Rates, in bytes: the state without twice the security strength.</summary>
    public const int Shake128Rate = 168, Shake256Rate = 136, Sha3Rate256 = 136, Sha3Rate384 = 104, Sha3Rate512 = 72;

    /// <summary>The bits that FIPS 202 section 6 appends to a message, with the first bit of the padding.</summary>
    public const byte Sha3Suffix = 0x06, ShakeSuffix = 0x1f;

    private State _state;
    private readonly int _rate;
    private readonly byte _suffix;
    private int _position;

    /// <summary>The sponge of the empty message.</summary>
    public Sponge(int rate, byte suffix)
    {
        _state = default;
        (_rate, _suffix, _position) = (rate, suffix, 0);
    }

    public static Sponge Shake128() => new(Shake128Rate, ShakeSuffix);

    public static Sponge Shake256() => new(Shake256Rate, ShakeSuffix);

    /// <summary>Takes in the next part of the message.</summary>
    public void Absorb(ReadOnlySpan<byte> data)
    {
        if (_position > 0)
        {
            var part = data[..Math.Min(data.Length, _rate - _position)];
            Xor(part);
            data = data[part.Length..];
            if (_position < _rate)
            {
                return;
            }

            Permute();
        }

        for (; data.Length >= _rate; data = data[_rate..])
        {
            Span<ulong> state = _state;
            var words = MemoryMarshal.Cast<byte, ulong>(data[.._rate]);
            for (var i = 0; i < words.Length && i < state.Length; i++)
            {
                state[i] ^= words[i];
            }

            Keccak.Permute(state);
        }

        Xor(data);
    }

    /// <summary>Ends the message. From here on only <see cref="Squeeze"/>.</summary>
    public void Finish()
    {
        var bytes = MemoryMarshal.AsBytes((Span<ulong>)_state);
        bytes[_position] ^= _suffix;
        bytes[_rate - 1] ^= 0x80;
        _position = _rate;
    }

    /// <summary>Writes the next bytes of the output.</summary>
    public void Squeeze(Span<byte> output)
    {
        while (!output.IsEmpty)
        {
            if (_position == _rate)
            {
                Permute();
            }

            var part = Math.Min(output.Length, _rate - _position);
            MemoryMarshal.AsBytes((Span<ulong>)_state).Slice(_position, part).CopyTo(output);
            _position += part;
            output = output[part..];
        }
    }

    /// <summary>Hashes a message in two parts at once, and erases the state.</summary>
    public static void Hash(int rate, byte suffix, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> output)
    {
        var sponge = new Sponge(rate, suffix);
        sponge.Absorb(first);
        sponge.Absorb(second);
        sponge.Finish();
        sponge.Squeeze(output);
        Erase.Value(ref sponge);
    }

    private void Permute()
    {
        Keccak.Permute(_state);
        _position = 0;
    }

    private void Xor(ReadOnlySpan<byte> data)
    {
        var bytes = MemoryMarshal.AsBytes((Span<ulong>)_state).Slice(_position, data.Length);
        for (; data.Length >= 8 && bytes.Length >= 8; data = data[8..], bytes = bytes[8..])
        {
            Unsafe.WriteUnaligned(ref bytes[0], Unsafe.ReadUnaligned<ulong>(in bytes[0]) ^ Unsafe.ReadUnaligned<ulong>(in data[0]));
            _position += 8;
        }

        for (var i = 0; i < data.Length && i < bytes.Length; i++)
        {
            bytes[i] ^= data[i];
        }

        _position += data.Length;
    }

    [InlineArray(Keccak.Words)]
    private struct State
    {
        private ulong _first;
    }
}
