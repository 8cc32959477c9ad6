using Kadath.Tests.Interop.Matrix;

namespace Kadath.Tests.Interop.Tls;

/// <summary>What each cell is expected to hold: <c>ok</c> unless it is listed here. What a peer does not speak is not tried.</summary>
internal static class TlsExpectations
{
    public static Verdict Of(TlsCell cell) => (cell.Peer, cell.Feature, cell.Role) switch
    {
        (_, TlsFeature.RecordSizeLimit, _) => Verdict.NotSpoken("no RFC 8449"),
        (not "rustls", TlsFeature.RawPublicKeys, _) => Verdict.NotSpoken("no RFC 7250"),

        ("openssl" or "sslstream", TlsFeature.Hybrid or TlsFeature.SecP256r1MLKEM768 or TlsFeature.SecP384r1MLKEM1024 or TlsFeature.MlDsaCertificate, _) => Verdict.NotSpoken("OpenSSL 3.0 has no ML-KEM and no ML-DSA"),
        ("rustls", TlsFeature.SecP384r1MLKEM1024, _) => Verdict.NotSpoken("no such group"),
        ("go" or "rustls", TlsFeature.MlDsaCertificate, _) => Verdict.NotSpoken("no ML-DSA in TLS"),

        ("sslstream", TlsFeature.Ed25519Certificate, _) => Verdict.NotSpoken("no Ed25519 keys in .NET"),

        (not ("openssl" or "rustls"), TlsFeature.EarlyData, _) => Verdict.NotSpoken("no early data over TCP"),
        ("node" or "go" or "sslstream" or "rustls", TlsFeature.ExternalPsk, _) => Verdict.NotSpoken("no external keys in TLS 1.3"),
        ("sslstream", TlsFeature.Exporter, _) => Verdict.NotSpoken("no exporter"),
        ("go", TlsFeature.Exporter, _) => Verdict.NotSpoken("the program exports nothing"),
        _ => Verdict.Ok,
    };
}
