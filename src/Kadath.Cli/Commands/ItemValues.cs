using System.Buffers;
using System.Globalization;
using System.Text;
using Kadath.Primitives;

namespace Kadath.Cli.Commands;

/// <summary>Turns what users store into bencode, and back.</summary>
internal static class ItemValues
{
    /// <summary>Bytes of a bencoded value at most (BEP 44).</summary>
    public const int MaxSize = 1000;

    /// <summary>Bytes of a salt at most (BEP 44).</summary>
    public const int MaxSaltSize = 64;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bencoded value for the bytes given: as a byte string, or as the bencode that they are.</summary>
    public static byte[] Encode(byte[] content, bool isBencode)
    {
        if (isBencode && !BencodeReader.IsCanonical(content))
        {
            throw CliException.Usage("the value is no canonical bencode", "one value; dictionary keys sorted and unique, no leading zeros, nothing after its end");
        }

        byte[] value = isBencode ? content : [.. Encoding.ASCII.GetBytes(content.Length.ToString(CultureInfo.InvariantCulture)), (byte)':', .. content];
        return value.Length <= MaxSize ? value
            : throw CliException.Usage($"the value takes {value.Length} bytes, {MaxSize} are possible", "store it elsewhere, and its address here");
    }

    /// <summary>The bytes of a salt.</summary>
    public static byte[]? Salt(string? text)
    {
        byte[]? salt = text is null ? null : Encoding.UTF8.GetBytes(text);
        return salt is not { Length: > MaxSaltSize } ? salt : throw CliException.Usage($"the salt has {salt.Length} bytes, {MaxSaltSize} are possible", null);
    }

    /// <summary>The content of a byte string, or the bencode of anything else; and the text, if it is a UTF-8 string.</summary>
    public static (byte[] Content, string? Text, string Type) Decode(ReadOnlySpan<byte> bencode)
    {
        var reader = new BencodeReader(bencode);
        BencodeKind kind = reader.Peek();
        if (kind == BencodeKind.String && reader.TryReadString(out ReadOnlySpan<byte> content) && reader.AtEnd)
        {
            return (content.ToArray(), TextOf(content), "string");
        }

        return (bencode.ToArray(), null, kind switch { BencodeKind.Integer => "integer", BencodeKind.List => "list", _ => "dictionary" });
    }

    /// <summary>The bytes as text if they are UTF-8, else null.</summary>
    public static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The info-hash of a mutable torrent's value (BEP 46: a dictionary with "ih"), or null.</summary>
    public static string? InfoHashOf(ReadOnlySpan<byte> bencode)
    {
        var reader = new BencodeReader(bencode);
        if (!reader.TryBeginDictionary())
        {
            return null;
        }

        while (reader.TryReadString(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("ih"u8))
            {
                return reader.TryReadString(out ReadOnlySpan<byte> hash) && hash.Length == 20 ? Convert.ToHexStringLower(hash) : null;
            }

            if (!reader.TrySkip())
            {
                return null;
            }
        }

        return null;
    }
}
