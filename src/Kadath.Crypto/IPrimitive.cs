namespace Kadath.Crypto;

/// <summary>One implementation of one cryptographic primitive: a <em>fill</em> of a field of <see cref="CryptoProvider"/>.</summary>
/// <remarks>
/// Fills hold no mutable state, so one instance serves every caller on every thread. All take spans and write into spans;
/// none allocates. A wrong length is the caller's fault and throws; no content of any input does.
/// </remarks>
public interface IPrimitive
{
    /// <summary>Where the code comes from: a name of <see cref="Fills"/>, or two joined by a plus sign where the length of the input decides. For reports and for tests, never for decisions.</summary>
    string Fill { get; }
}

/// <summary>The names of the origins a fill can have.</summary>
public static class Fills
{
    /// <summary>Written in C# in this library; always present.</summary>
    public const string Managed = "managed";

    /// <summary>The .NET class library's, which calls the operating system's cryptographic library where it has one.</summary>
    public const string Bcl = "bcl";

    /// <summary>OpenSSL's libcrypto 3 of the system, called directly; present where it loads.</summary>
    public const string Libcrypto = "libcrypto";
}
