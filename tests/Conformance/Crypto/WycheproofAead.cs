using System.Text.Json;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>One case of an AEAD suite of Project Wycheproof; ciphertext and tag joined.</summary>
internal sealed record WycheproofAead(
    int Id, string Comment, int KeyBits, int NonceBits, byte[] Key, byte[] Nonce, byte[] AssociatedData, byte[] Plaintext, byte[] Sealed, bool Valid)
{
    /// <summary>The cases of a file of schema <c>aead_test_schema_v1</c>.</summary>
    public static IReadOnlyList<WycheproofAead> Read(string file) => Wycheproof.Read(file, (group, test) => new WycheproofAead(
        test.GetProperty("tcId").GetInt32(),
        test.GetProperty("comment").GetString()!,
        group.GetProperty("keySize").GetInt32(),
        group.GetProperty("ivSize").GetInt32(),
        test.Bytes("key"),
        test.Bytes("iv"),
        test.Bytes("aad"),
        test.Bytes("msg"),
        [.. test.Bytes("ct"), .. test.Bytes("tag")],
        IsValid(test)));

    internal static bool IsValid(JsonElement test) => test.GetProperty("result").GetString() switch
    {
        "valid" => true,
        "invalid" => false,
        var other => throw new InvalidDataException($"Case {test.GetProperty("tcId")} has the result {other}, on which no rule is laid down."),
    };
}

/// <summary>One case of an HKDF suite of Project Wycheproof.</summary>
internal sealed record WycheproofHkdf(int Id, string Comment, byte[] KeyingMaterial, byte[] Salt, byte[] Info, int Size, byte[] Output, bool Valid)
{
    /// <summary>The cases of a file of schema <c>hkdf_test_schema_v1</c>.</summary>
    public static IReadOnlyList<WycheproofHkdf> Read(string file) => Wycheproof.Read(file, (_, test) => new WycheproofHkdf(
        test.GetProperty("tcId").GetInt32(),
        test.GetProperty("comment").GetString()!,
        test.Bytes("ikm"),
        test.Bytes("salt"),
        test.Bytes("info"),
        test.GetProperty("size").GetInt32(),
        test.Bytes("okm"),
        WycheproofAead.IsValid(test)));
}
