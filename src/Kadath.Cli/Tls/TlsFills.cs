using Kadath.Crypto;

namespace Kadath.Cli.Tls;

/// <summary>Which fills of each primitive exist on this system, and how one is forced: <c>managed</c>, or <c>AES-128-GCM=bcl,X25519=managed</c>.</summary>
internal static class TlsFills
{
    private static readonly IReadOnlyList<Slot> Slots =
    [
        Slot.Of("SHA-1", static (all, fill) => all with { Sha1 = fill }, Hashes(static p => p.Sha1, static () => new BclSha1())),
        Slot.Of("SHA-256", static (all, fill) => all with { Sha256 = fill },
            [.. Hashes(static p => p.Sha256, static () => new BclSha256()), .. If<IHash>(LibcryptoSha256.IsSupported, static () => new LibcryptoSha256())]),
        Slot.Of("SHA-384", static (all, fill) => all with { Sha384 = fill },
            [.. Hashes(static p => p.Sha384, static () => new BclSha384()), .. If<IHash>(LibcryptoSha384.IsSupported, static () => new LibcryptoSha384())]),
        Slot.Of("SHA-512", static (all, fill) => all with { Sha512 = fill }, Hashes(static p => p.Sha512, static () => new BclSha512())),
        Slot.Of("SHA3-256", static (all, fill) => all with { Sha3_256 = fill }, [ManagedSha3.Sha3_256, .. If<IHash>(BclSha3.IsSupported, static () => BclSha3.Sha3_256)]),
        Slot.Of("SHA3-384", static (all, fill) => all with { Sha3_384 = fill }, [ManagedSha3.Sha3_384, .. If<IHash>(BclSha3.IsSupported, static () => BclSha3.Sha3_384)]),
        Slot.Of("SHA3-512", static (all, fill) => all with { Sha3_512 = fill }, [ManagedSha3.Sha3_512, .. If<IHash>(BclSha3.IsSupported, static () => BclSha3.Sha3_512)]),
        Slot.Of("SHAKE128", static (all, fill) => all with { Shake128 = fill }, [ManagedShake.Shake128, .. If<IExtendableHash>(BclShake.IsSupported, static () => BclShake.Shake128)]),
        Slot.Of("SHAKE256", static (all, fill) => all with { Shake256 = fill }, [ManagedShake.Shake256, .. If<IExtendableHash>(BclShake.IsSupported, static () => BclShake.Shake256)]),
        Slot.Of<IMac>("HMAC-SHA-256", static (all, fill) => all with { HmacSha256 = fill },
            [new ManagedHmacSha256(), new BclHmacSha256(), .. If<IMac>(LibcryptoHmacSha256.IsSupported, static () => new LibcryptoHmacSha256())]),
        Slot.Of<IMac>("HMAC-SHA-384", static (all, fill) => all with { HmacSha384 = fill },
            [new ManagedHmacSha384(), new BclHmacSha384(), .. If<IMac>(LibcryptoHmacSha384.IsSupported, static () => new LibcryptoHmacSha384())]),
        Slot.Of("AES-128-GCM", static (all, fill) => all with { Aes128Gcm = fill }, AesGcm(16)),
        Slot.Of("AES-256-GCM", static (all, fill) => all with { Aes256Gcm = fill }, AesGcm(32)),
        Slot.Of<IAead>("ChaCha20-Poly1305", static (all, fill) => all with { ChaCha20Poly1305 = fill },
        [
            new ManagedChaCha20Poly1305(), .. If<IAead>(BclChaCha20Poly1305.IsSupported, static () => new BclChaCha20Poly1305()),
            .. If<IAead>(LibcryptoChaCha20Poly1305.IsSupported, static () => new LibcryptoChaCha20Poly1305()),
        ]),
        Slot.Of("ECDH P-256", static (all, fill) => all with { P256 = fill }, Ecdh(NistCurve.P256)),
        Slot.Of("ECDH P-384", static (all, fill) => all with { P384 = fill }, Ecdh(NistCurve.P384)),
        Slot.Of("ECDSA P-256", static (all, fill) => all with { EcdsaP256 = fill }, Ecdsa(NistCurve.P256, new ManagedSha256())),
        Slot.Of("ECDSA P-384", static (all, fill) => all with { EcdsaP384 = fill }, Ecdsa(NistCurve.P384, new ManagedSha384())),
    ];

    /// <summary>The provider that an option asks for.</summary>
    /// <exception cref="CliException">A primitive or a fill that does not exist here; the message lists those that do.</exception>
    public static CryptoProvider Parse(string option)
    {
        CryptoProvider provider = CryptoProvider.Default;
        foreach (string part in option.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            provider = (equals, part.ToLowerInvariant()) switch
            {
                ( < 0, "default") => CryptoProvider.Default,
                ( < 0, Fills.Managed) => CryptoProvider.Managed,
                ( < 0, _) => throw CliException.Usage($"--fill takes default, managed or PRIMITIVE=FILL, not '{part}'", null),
                _ => Force(provider, part[..equals].Trim(), part[(equals + 1)..].Trim()),
            };
        }

        return provider;
    }

    private static CryptoProvider Force(CryptoProvider provider, string primitive, string fill)
    {
        (string? name, IPrimitive? chosen) = CryptoProvider.Default.Primitives.FirstOrDefault(row => Same(row.Primitive, primitive));
        if (name is null)
        {
            // Two lines, for neither may be longer than a screen takes.
            string[] several = [.. Slots.Select(static slot => slot.Primitive)];
            IEnumerable<string> single = CryptoProvider.Default.Primitives.Select(static row => row.Primitive).Except(several);
            throw CliException.Usage($"there is no primitive '{primitive}'; there are {string.Join(", ", several)}", $"in C# alone there are {string.Join(", ", single)}");
        }

        // What has no slot exists in C# alone.
        Slot? slot = Slots.FirstOrDefault(slot => slot.Primitive == name);
        string[] existing = slot is null ? [chosen!.Fill] : [.. slot.Fills.Select(static one => one.Fill)];
        int index = Array.FindIndex(existing, one => Same(one, fill));
        return index < 0
            ? throw CliException.Usage($"{name} has no fill '{fill}' here; it has {string.Join(", ", existing)}", null)
            : slot is null ? provider : slot.Force(provider, slot.Fills[index]);
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<T> If<T>(bool supported, Func<T> fill) => supported ? [fill()] : [];

    private static IHash[] Hashes(Func<CryptoProvider, IHash> managed, Func<IHash> bcl)
    {
        IHash chosen = managed(CryptoProvider.Default);
        IHash[] plain = [managed(CryptoProvider.Managed), bcl()];
        return plain.Any(one => one.Fill == chosen.Fill) || chosen.Fill == Fills.Libcrypto ? plain : [.. plain, chosen];
    }

    private static IAead[] AesGcm(int keyBytes) =>
    [
        new ManagedAesGcm(keyBytes), .. If<IAead>(BclAesGcm.IsSupported, () => new BclAesGcm(keyBytes)), .. If<IAead>(LibcryptoAesGcm.IsSupported, () => new LibcryptoAesGcm(keyBytes)),
    ];

    private static IKeyAgreement[] Ecdh(NistCurve curve) =>
        [new ManagedEcdh(curve), new BclEcdh(curve), .. If<IKeyAgreement>(LibcryptoEcdh.IsSupported, () => new LibcryptoEcdh(curve))];

    private static ISignatureScheme[] Ecdsa(NistCurve curve, IHash hash) =>
        [new ManagedEcdsa(curve), new BclEcdsa(curve), .. If<ISignatureScheme>(LibcryptoEcdh.IsSupported, () => new LibcryptoEcdsa(curve, hash))];

    /// <summary>A primitive with more than one fill.</summary>
    private sealed record Slot(string Primitive, IReadOnlyList<IPrimitive> Fills, Func<CryptoProvider, IPrimitive, CryptoProvider> Force)
    {
        public static Slot Of<T>(string primitive, Func<CryptoProvider, T, CryptoProvider> force, IReadOnlyList<T> fills)
            where T : class, IPrimitive => new(primitive, fills, (all, fill) => force(all, (T)fill));
    }
}
