using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Kadath.Tests.Unit.Architecture;

namespace Kadath.Tests.Unit.Tls;

/// <summary>One of the traces of RFC 8448 as it stands in tests/vectors/tls/rfc8448.txt.</summary>
internal sealed partial class Trace
{
    private readonly Dictionary<string, string> _values = [];

    public static Trace Read(string name)
    {
        Trace trace = new();
        var section = "";
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "tests", "vectors", "tls", "rfc8448.txt")))
        {
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']');
            }
            else if (section == name && line.Split(" = ") is [var key, var value])
            {
                trace._values[key] = value;
            }
        }

        return trace;
    }

    public string this[string key] => _values[key];

    public bool Has(string key) => _values.ContainsKey(key);

    public byte[] Bytes(string key) => Convert.FromHexString(Zeros().Replace(_values[key], match =>
        new StringBuilder().Insert(0, "00", int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToString()));

    /// <summary>The handshake message of an unprotected record.</summary>
    public byte[] Message(string key) => Bytes(key)[5..];

    [GeneratedRegex(@"\(00\*(\d+)\)")]
    private static partial Regex Zeros();
}
