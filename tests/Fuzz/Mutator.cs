using Kadath.Primitives;

namespace Kadath.Tests.Fuzz;

/// <summary>Makes wrong bytes out of right ones: flips, cuts, doublings, insertions of tokens that parsers trip over, splices of two.</summary>
internal sealed class Mutator(EntropyStream entropy, IReadOnlyList<byte[]> corpus)
{
    private static readonly byte[][] Tokens =
    [
        "d"u8.ToArray(), "e"u8.ToArray(), "l"u8.ToArray(), "i"u8.ToArray(), "0:"u8.ToArray(), "99999:"u8.ToArray(), "i-0e"u8.ToArray(), "1:"u8.ToArray(),
        "i9223372036854775808e"u8.ToArray(), "i-9223372036854775808e"u8.ToArray(), "lllllllllllllllllllllllllllllllllllll"u8.ToArray(), "1:v"u8.ToArray(),
        "1:ad"u8.ToArray(), "1:rd"u8.ToArray(), "4:wantl2:n42:n6e"u8.ToArray(), "1:y1:r"u8.ToArray(), "2:id20:"u8.ToArray(), "18446744073709551616:"u8.ToArray(),
        "1:t0:"u8.ToArray(), "de"u8.ToArray(), "le"u8.ToArray(), "1:eli203e0:e"u8.ToArray(), [0xff], [0x00],
    ];

    /// <summary>A member of the corpus, mutated none to a few times.</summary>
    public byte[] Next()
    {
        List<byte> bytes = [.. Pick(corpus)];
        for (int left = entropy.NextBelow(5); left > 0; left--)
        {
            Mutate(bytes);
        }

        return [.. bytes];
    }

    /// <summary>Bytes mutated at least once.</summary>
    public byte[] Mutate(byte[] original)
    {
        List<byte> bytes = [.. original];
        for (int left = 1 + entropy.NextBelow(4); left > 0; left--)
        {
            Mutate(bytes);
        }

        return [.. bytes];
    }

    private void Mutate(List<byte> bytes)
    {
        int at = entropy.NextBelow(bytes.Count + 1);
        switch (entropy.NextBelow(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << entropy.NextBelow(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)entropy.NextUInt32();
                break;
            case 2:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + entropy.NextBelow(30)));
                break;
            case 3:
                bytes.InsertRange(at, Pick(Tokens));
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + entropy.NextBelow(60))));
                break;
            case 5:
                byte[] other = Pick(corpus);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[entropy.NextBelow(other.Length)..]);
                break;
            case 6 when bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9') is >= 0 and var digit:
                bytes[digit] = (byte)('0' + entropy.NextBelow(10));
                break;
            case 7 when bytes.Count < 4000 && entropy.NextBelow(8) == 0:
                byte[] filler = new byte[entropy.NextBelow(8000)];
                Array.Fill(filler, Pick(Tokens)[0]);
                bytes.InsertRange(at, filler);
                break;
            default:
                byte[] noise = new byte[entropy.NextBelow(20)];
                entropy.Fill(noise);
                bytes.InsertRange(at, noise);
                break;
        }
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[entropy.NextBelow(list.Count)];
}
