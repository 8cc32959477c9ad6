namespace Kadath.Tests.Interop.Tls;

/// <summary>What two peers do with each other.</summary>
internal enum TlsFeature
{
    Hybrid,
    RawPublicKeys,
    SecP256r1MLKEM768,
    SecP384r1MLKEM1024,
    X25519,
    P256,
    P384,
    Aes256,
    ChaCha20,
    P384Certificate,
    Ed25519Certificate,
    RsaCertificate,
    MlDsaCertificate,
    HelloRetry,
    Resumption,
    EarlyData,
    ClientCertificate,
    Alpn,
    KeyUpdate,
    Exporter,
    ExternalPsk,
    RecordSizeLimit,
    LargeTransfer,
}

/// <summary>Which side Kadath is.</summary>
internal enum TlsRole
{
    KadathConnects,
    KadathServes,
}

/// <summary>One cell of the table.</summary>
internal sealed record TlsCell(string Peer, TlsFeature Feature, TlsRole Role)
{
    /// <summary>All cells, peer by peer.</summary>
    public static IEnumerable<TlsCell> All =>
        from peer in TlsPeer.All
        from feature in Enum.GetValues<TlsFeature>()
        from role in Enum.GetValues<TlsRole>()
        select new TlsCell(peer.Name, feature, role);

    /// <summary>What both sides are set up with.</summary>
    public TlsSetup Setup => Feature switch
    {
        TlsFeature.Hybrid => new TlsSetup { Groups = ["X25519MLKEM768"] },
        TlsFeature.RawPublicKeys => new TlsSetup { Groups = ["X25519MLKEM768"], RawPublicKeys = true, ClientCertificate = true },
        TlsFeature.SecP256r1MLKEM768 => new TlsSetup { Groups = ["SecP256r1MLKEM768"] },
        TlsFeature.SecP384r1MLKEM1024 => new TlsSetup { Groups = ["SecP384r1MLKEM1024"] },
        TlsFeature.X25519 => new TlsSetup { Groups = ["x25519"] },
        TlsFeature.P256 => new TlsSetup { Groups = ["secp256r1"] },
        TlsFeature.P384 => new TlsSetup { Groups = ["secp384r1"] },
        TlsFeature.Aes256 => new TlsSetup { Suites = ["TLS_AES_256_GCM_SHA384"] },
        TlsFeature.ChaCha20 => new TlsSetup { Suites = ["TLS_CHACHA20_POLY1305_SHA256"] },
        TlsFeature.P384Certificate => new TlsSetup { Key = "p384" },
        TlsFeature.Ed25519Certificate => new TlsSetup { Key = "ed25519" },
        TlsFeature.RsaCertificate => new TlsSetup { Key = "rsa" },
        TlsFeature.MlDsaCertificate => new TlsSetup { Key = "mldsa65" },
        TlsFeature.HelloRetry => new TlsSetup { Groups = [Role == TlsRole.KadathConnects ? "X25519MLKEM768" : "x25519", "secp384r1"], HelloRetry = true },
        TlsFeature.Resumption => new TlsSetup { Resume = true },
        TlsFeature.EarlyData => new TlsSetup { Resume = true, EarlyData = true },
        TlsFeature.ClientCertificate => new TlsSetup { ClientCertificate = true },
        TlsFeature.Alpn => new TlsSetup { Alpn = ["lab/1", "lab/2"] },
        TlsFeature.KeyUpdate => new TlsSetup { KeyUpdate = true, Bytes = Role == TlsRole.KadathServes && Peer != "openssl" ? 300_000 : 5 },
        TlsFeature.Exporter => new TlsSetup { Exporter = true },
        TlsFeature.ExternalPsk => new TlsSetup { Psk = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" },
        TlsFeature.RecordSizeLimit => new TlsSetup { RecordSizeLimit = 512, Bytes = 4096 },
        _ => new TlsSetup { Bytes = 4 << 20 },
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Peer}, {Feature}: {(Role == TlsRole.KadathConnects ? "Kadath connects" : "Kadath serves")}";
}
