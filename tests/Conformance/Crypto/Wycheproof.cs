using System.Text.Json;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>One case of a signature suite of Project Wycheproof.</summary>
internal sealed record WycheproofSignature(int Id, string Comment, byte[] PublicKey, byte[] Message, byte[] Signature, bool Valid);

/// <summary>Reads the suites of Project Wycheproof.</summary>
internal static class Wycheproof
{
    /// <summary>The cases of a file of schema <c>eddsa_verify_schema_v1</c>; fails if their number is not the one the file states.</summary>
    public static IReadOnlyList<WycheproofSignature> Signatures(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Vectors.PathOf("wycheproof", file)));
        List<WycheproofSignature> cases = [];
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            var publicKey = Hex(group.GetProperty("publicKey"), "pk");
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var valid = test.GetProperty("result").GetString() switch
                {
                    "valid" => true,
                    "invalid" => false,
                    var other => throw new InvalidDataException($"Case {test.GetProperty("tcId")} has the result {other}, on which no rule is laid down."),
                };
                cases.Add(new(
                    test.GetProperty("tcId").GetInt32(), test.GetProperty("comment").GetString()!, publicKey, Hex(test, "msg"), Hex(test, "sig"), valid));
            }
        }

        var stated = document.RootElement.GetProperty("numberOfTests").GetInt32();
        return cases.Count == stated ? cases : throw new InvalidDataException($"{cases.Count} cases read, {stated} stated.");
    }

    /// <summary>All cases of a file, each with its group; fails if their number is not the one the file states.</summary>
    public static List<T> Read<T>(string file, Func<JsonElement, JsonElement, T> read)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Vectors.PathOf("wycheproof", file)));
        List<T> cases = [];
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            cases.AddRange(group.GetProperty("tests").EnumerateArray().Select(test => read(group, test)));
        }

        var stated = document.RootElement.GetProperty("numberOfTests").GetInt32();
        return cases.Count == stated ? cases : throw new InvalidDataException($"{cases.Count} cases read, {stated} stated.");
    }

    private static byte[] Hex(JsonElement parent, string name) => Convert.FromHexString(parent.GetProperty(name).GetString()!);
}
