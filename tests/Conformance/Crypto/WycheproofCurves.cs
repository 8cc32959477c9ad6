using System.Text.Json;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>One case of a Diffie-Hellman suite of Project Wycheproof.</summary>
internal sealed record WycheproofAgreement(int Id, string Comment, string[] Flags, string Result, byte[] PublicKey, byte[] PrivateKey, byte[] Shared);

/// <summary>One case of an ECDSA suite of Project Wycheproof; the key as an uncompressed point.</summary>
internal sealed record WycheproofEcdsa(int Id, string Comment, byte[] PublicKey, byte[] Message, byte[] Signature, bool Valid);

/// <summary>Reads the suites of Project Wycheproof that are about curves. Fails if the number of cases is not the one the file states.</summary>
internal static class WycheproofCurves
{
    /// <summary>The cases of a file of schema <c>xdh_comp_schema_v1</c> or <c>ecdh_test_schema_v1</c>.</summary>
    public static IReadOnlyList<WycheproofAgreement> Agreements(string file) => Wycheproof.Read(file, (_, test) => new WycheproofAgreement(
        test.GetProperty("tcId").GetInt32(),
        test.GetProperty("comment").GetString()!,
        [.. test.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()!)],
        test.GetProperty("result").GetString()!,
        Hex(test, "public"),
        Hex(test, "private"),
        Hex(test, "shared")));

    /// <summary>The cases of a file of schema <c>ecdsa_verify_schema_v1</c>.</summary>
    public static IReadOnlyList<WycheproofEcdsa> Ecdsa(string file) => Wycheproof.Read(file, (group, test) => new WycheproofEcdsa(
        test.GetProperty("tcId").GetInt32(),
        test.GetProperty("comment").GetString()!,
        Hex(group.GetProperty("publicKey"), "uncompressed"),
        Hex(test, "msg"),
        Hex(test, "sig"),
        test.GetProperty("result").GetString() == "valid"));

    private static byte[] Hex(JsonElement parent, string name) => Convert.FromHexString(parent.GetProperty(name).GetString()!);
}
