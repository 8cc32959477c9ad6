using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kadath.Tls.Streams;

/// <summary>Answers the machine's question whether a peer may be trusted.</summary>
internal static class PeerVerification
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    /// <summary>Judges a peer.</summary>
    /// <param name="peer">What it showed, and has proven to hold the key of.</param>
    /// <param name="host">The name or address that was dialled; null on the server's side.</param>
    /// <param name="trust">Whom we trust.</param>
    /// <param name="cancellation">The handshake's deadline.</param>
    public static async ValueTask<Verdict> JudgeAsync(PeerIdentity peer, string? host, TlsTrust trust, CancellationToken cancellation)
    {
        if (trust.Verifier is not null)
        {
            return await trust.Verifier(peer, cancellation).ConfigureAwait(false)
                ? new Verdict(PeerState.Verified) : new Verdict(AlertDescription.CertificateUnknown, "the verifier refused the peer");
        }

        if (trust.Pins.Contains(peer.Pin))
        {
            return new Verdict(PeerState.Pinned);
        }

        if (trust.AcceptAnyone)
        {
            return new Verdict(PeerState.Unauthenticated);
        }

        if (trust.Pins.Count > 0 && trust.Roots is not { Count: > 0 })
        {
            return new Verdict(AlertDescription.UnknownCa, "the peer's key is not pinned");
        }

        if (peer.Type != CertificateType.X509)
        {
            return new Verdict(AlertDescription.UnknownCa, "a raw public key is trusted against a pin only");
        }

        // Building a chain may read stores and, where the caller asked for it, the network.
        return await Task.Run(() => JudgeChain(peer, host, trust), cancellation).ConfigureAwait(false);
    }

    private static Verdict JudgeChain(PeerIdentity peer, string? host, TlsTrust trust)
    {
        bool server = host is not null;
        if (!CertificateView.TryParse(peer.Entries[0].Span, out CertificateView view))
        {
            return new Verdict(AlertDescription.BadCertificate, "the certificate cannot be read");
        }

        if (!view.MayAuthenticate(server))
        {
            return new Verdict(AlertDescription.BadCertificate, $"the certificate does not permit its key to authenticate a {(server ? "server" : "client")}");
        }

        if (server && !HostNames.Matches(view, host))
        {
            return new Verdict(AlertDescription.BadCertificate, "the certificate is for another name");
        }

        try
        {
            using X509Certificate2 first = X509CertificateLoader.LoadCertificate(peer.Entries[0].Span);
            using X509Chain chain = new();
            chain.ChainPolicy.RevocationMode = trust.Revocation;
            chain.ChainPolicy.DisableCertificateDownloads = trust.Revocation != X509RevocationMode.Online;
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(server ? ServerPurpose : ClientPurpose));
            if (trust.Roots is { Count: > 0 } roots)
            {
                chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.AddRange(roots);
            }

            foreach (ReadOnlyMemory<byte> entry in peer.Entries.Skip(1))
            {
                chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(entry.Span));
            }

            bool good = chain.Build(first);
            X509ChainStatusFlags flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, next) => all | next.Status);
            foreach (X509ChainElement element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }

            return good ? new Verdict(PeerState.Chain) : new Verdict(AlertOf(flags), $"the chain is not trusted: {flags}");
        }
        catch (CryptographicException)
        {
            return new Verdict(AlertDescription.BadCertificate, "the platform cannot read the certificate");
        }
    }

    private static AlertDescription AlertOf(X509ChainStatusFlags flags) =>
        flags.HasFlag(X509ChainStatusFlags.NotTimeValid) ? AlertDescription.CertificateExpired
        : flags.HasFlag(X509ChainStatusFlags.Revoked) ? AlertDescription.CertificateRevoked
        : (flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 ? AlertDescription.UnknownCa
        : AlertDescription.BadCertificate;

    /// <summary>What was found.</summary>
    internal readonly record struct Verdict(PeerState State, AlertDescription? Alert, string? Reason)
    {
        public Verdict(PeerState state)
            : this(state, null, null)
        {
        }

        public Verdict(AlertDescription alert, string reason)
            : this(PeerState.Unauthenticated, alert, reason)
        {
        }
    }
}
