using Kadath.Tls;

namespace Kadath.Tests.Unit.Tls;

/// <summary>Hellos with parts added, changed or taken out.</summary>
internal static class Hellos
{
    /// <summary>Replaces the contents of an extension; null takes it out. In a ClientHello or a ServerHello.</summary>
    public static byte[] WithExtension(byte[] hello, ExtensionType type, Func<byte[], byte[]?> change, bool addIfMissing = false)
    {
        var start = ExtensionsStart(hello);
        List<byte> extensions = [];
        var found = false;
        for (var at = start + 2; at < hello.Length;)
        {
            var name = hello[at] << 8 | hello[at + 1];
            var length = hello[at + 2] << 8 | hello[at + 3];
            var data = hello[(at + 4)..(at + 4 + length)];
            at += 4 + length;
            if (name != (int)type)
            {
                Append(extensions, name, data);
            }
            else if (change(data) is { } changed)
            {
                Append(extensions, name, changed);
            }

            found |= name == (int)type;
        }

        if (!found && addIfMissing && change([]) is { } added)
        {
            Append(extensions, (int)type, added);
        }

        return Rebuild(hello[0], hello[4..start], extensions);
    }

    /// <summary>Adds an extension at the end, even a second one of its type.</summary>
    public static byte[] Append(byte[] hello, ExtensionType type, byte[] data)
    {
        var start = ExtensionsStart(hello);
        List<byte> extensions = [.. hello[(start + 2)..]];
        Append(extensions, (int)type, data);
        return Rebuild(hello[0], hello[4..start], extensions);
    }

    /// <summary>Adds values of GREASE wherever a client may.</summary>
    public static byte[] WithGrease(byte[] hello)
    {
        hello = WithExtension(hello, ExtensionType.SupportedGroups, Prefix16);
        hello = WithExtension(hello, ExtensionType.SignatureAlgorithms, Prefix16);
        hello = WithExtension(hello, ExtensionType.SupportedVersions, data => [(byte)(data.Length + 1), 0x1a, 0x1a, .. data[1..]]);
        hello = WithExtension(hello, ExtensionType.KeyShare, data => Sized([0x0a, 0x0a, 0, 1, 0, .. data[2..]]));
        hello = WithExtension(hello, ExtensionType.PskKeyExchangeModes, _ => [2, 0x0b, 1]);
        hello = Append(hello, (ExtensionType)0x2a2a, []);
        hello = Append(hello, (ExtensionType)0x3a3a, [0]);
        hello = Append(hello, (ExtensionType)0xfe0d, [0, 0, 1, 0, 1, 0, 0, 32]); // GREASE ECH (RFC 9849 section 6.2).
        var suites = SuitesAt(hello);
        var length = (hello[suites] << 8 | hello[suites + 1]) + 2;
        return Message(hello[0], [.. hello[4..suites], (byte)(length >> 8), (byte)length, 0x4a, 0x4a, .. hello[(suites + 2)..]]);

        static byte[] Prefix16(byte[] data) => Sized([0x0a, 0x0a, .. data[2..]]);
    }

    /// <summary>A ServerHello as TLS 1.2 has it, with the given end of its random.</summary>
    public static byte[] OfTls12(byte[] hello, byte[] tail)
    {
        hello = WithExtension(hello, ExtensionType.SupportedVersions, _ => null);
        tail.CopyTo(hello, 4 + 2 + 32 - 8);
        return hello;
    }

    /// <summary>Contents with their length in front.</summary>
    public static byte[] Sized(byte[] contents) => [(byte)(contents.Length >> 8), (byte)contents.Length, .. contents];

    public static byte[] Message(byte type, byte[] body) => [type, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];

    /// <summary>Where the suites of a ClientHello begin, with their length.</summary>
    public static int SuitesAt(byte[] hello) => 4 + 2 + 32 + 1 + hello[38];

    private static int ExtensionsStart(byte[] hello)
    {
        var suites = SuitesAt(hello);
        return hello[0] == (byte)HandshakeType.ServerHello ? suites + 3 : suites + 2 + (hello[suites] << 8 | hello[suites + 1]) + 2;
    }

    private static byte[] Rebuild(byte type, byte[] head, List<byte> extensions) => Message(type, [.. head, .. Sized([.. extensions])]);

    private static void Append(List<byte> extensions, int type, byte[] data) =>
        extensions.AddRange([(byte)(type >> 8), (byte)type, (byte)(data.Length >> 8), (byte)data.Length, .. data]);
}
