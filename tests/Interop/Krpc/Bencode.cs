using System.Globalization;
using System.Text;

namespace Kadath.Tests.Interop.Krpc;

/// <summary>
/// Bencode for tests, on purpose not Kadath's own: integers are <see cref="long"/>, strings <c>byte[]</c>, lists <c>List&lt;object&gt;</c>,
/// dictionaries <see cref="BencodeMap"/>.
/// </summary>
internal static class Bencode
{
    /// <summary>Encodes a value; texts as UTF-8, dictionaries in key order.</summary>
    public static byte[] Encode(object value)
    {
        using MemoryStream output = new();
        Write(output, value);
        return output.ToArray();
    }

    /// <summary>Decodes one value; throws <see cref="FormatException"/> if the bytes are not bencode.</summary>
    public static object Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            int at = 0;
            return Read(bytes, ref at, 0);
        }
        catch (Exception broken) when (broken is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new FormatException("not bencode", broken);
        }
    }

    private static void Write(MemoryStream output, object value)
    {
        switch (value)
        {
            case long or int:
                Text(output, string.Create(CultureInfo.InvariantCulture, $"i{value}e"));
                break;
            case string text:
                Write(output, Encoding.UTF8.GetBytes(text));
                break;
            case byte[] bytes:
                Text(output, string.Create(CultureInfo.InvariantCulture, $"{bytes.Length}:"));
                output.Write(bytes);
                break;
            case IEnumerable<object> list:
                output.WriteByte((byte)'l');
                foreach (object element in list)
                {
                    Write(output, element);
                }

                output.WriteByte((byte)'e');
                break;
            case BencodeMap map:
                output.WriteByte((byte)'d');
                foreach ((string key, object element) in map)
                {
                    Write(output, Encoding.Latin1.GetBytes(key));
                    Write(output, element);
                }

                output.WriteByte((byte)'e');
                break;
            default:
                throw new ArgumentException($"{value.GetType()} has no bencode");
        }
    }

    private static void Text(MemoryStream output, string text) => output.Write(Encoding.ASCII.GetBytes(text));

    private static object Read(ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        if (depth > 20)
        {
            throw new FormatException("too deep");
        }

        switch (bytes[at])
        {
            case (byte)'i':
                int end = at + bytes[at..].IndexOf((byte)'e');
                long number = long.Parse(bytes[(at + 1)..end], CultureInfo.InvariantCulture);
                at = end + 1;
                return number;
            case (byte)'l':
                List<object> list = [];
                for (at++; bytes[at] != 'e';)
                {
                    list.Add(Read(bytes, ref at, depth + 1));
                }

                at++;
                return list;
            case (byte)'d':
                BencodeMap map = [];
                for (at++; bytes[at] != 'e';)
                {
                    string key = Encoding.Latin1.GetString(ReadString(bytes, ref at));
                    map[key] = Read(bytes, ref at, depth + 1);
                }

                at++;
                return map;
            default:
                return ReadString(bytes, ref at);
        }
    }

    private static byte[] ReadString(ReadOnlySpan<byte> bytes, ref int at)
    {
        int colon = at + bytes[at..].IndexOf((byte)':');
        int length = int.Parse(bytes[at..colon], CultureInfo.InvariantCulture);
        at = colon + 1 + length;
        return bytes[(colon + 1)..at].ToArray();
    }
}

/// <summary>A bencoded dictionary; keys are byte strings, one character per byte.</summary>
internal sealed class BencodeMap() : SortedDictionary<string, object>(StringComparer.Ordinal)
{
    /// <summary>The byte string under a key, or null.</summary>
    public byte[]? Bytes(string key) => TryGetValue(key, out object? value) ? value as byte[] : null;

    /// <summary>The text under a key, one character per byte, or null.</summary>
    public string? Text(string key) => Bytes(key) is { } bytes ? Encoding.Latin1.GetString(bytes) : null;

    /// <summary>The dictionary under a key, or null.</summary>
    public BencodeMap? Map(string key) => TryGetValue(key, out object? value) ? value as BencodeMap : null;

    /// <summary>The list under a key, or null.</summary>
    public List<object>? List(string key) => TryGetValue(key, out object? value) ? value as List<object> : null;

    /// <summary>The integer under a key, or null.</summary>
    public long? Number(string key) => TryGetValue(key, out object? value) && value is long number ? number : null;
}
