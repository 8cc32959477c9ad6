using Kadath.Tests.Interop.Matrix;
using Kadath.Tests.Interop.Peers;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Tests.Interop.Tls;

/// <summary>Fills cells.</summary>
internal static class TlsInterplay
{
    /// <summary>What was seen in a cell.</summary>
    public static async Task<Verdict> RunAsync(TlsCell cell)
    {
        Verdict expected = TlsExpectations.Of(cell);
        if (expected.Kind is VerdictKind.NotObservable || (expected.Kind is VerdictKind.NotSpoken && cell.Feature != TlsFeature.RecordSizeLimit))
        {
            return expected;
        }

        TlsPeer peer = TlsPeer.Named(cell.Peer);
        try
        {
            string? wrong = cell.Role == TlsRole.KadathConnects ? await ConnectAsync(peer, cell) : await ServeAsync(peer, cell);
            return wrong is not null ? Verdict.Fail(wrong) : cell.Feature == TlsFeature.RecordSizeLimit ? expected : Verdict.Ok;
        }
        catch (Exception failed) when (failed is PeerException or IOException or InvalidOperationException or OperationCanceledException or TimeoutException)
        {
            return Verdict.Fail($"{failed.GetType().Name}: {failed.Message}");
        }
    }

    private static async Task<string?> ConnectAsync(TlsPeer peer, TlsCell cell)
    {
        TlsSetup setup = cell.Setup;
        await using TlsPeerServer server = await peer.ServeAsync(setup.HelloRetry ? setup with { Groups = setup.Groups![^1..] } : setup);
        using TlsSessionCache? sessions = setup.Resume ? new TlsSessionCache() : null;
        if (setup.Resume)
        {
            await KadathSide.ConnectAsync(server.Port, setup, sessions, stream => server.ExchangeAsync(stream, setup));
            if (sessions!.Count == 0)
            {
                return "no ticket came";
            }
        }

        KadathSide.Seen seen = await KadathSide.ConnectAsync(server.Port, setup, sessions, async stream =>
        {
            if (setup.KeyUpdate)
            {
                await stream.UpdateKeysAsync(askPeer: true);
            }

            await (setup.EarlyData && peer.Name != "openssl" ? stream.ReadExactlyAsync(new byte[5]).AsTask() : server.ExchangeAsync(stream, setup));
            if (setup.KeyUpdate)
            {
                await server.UpdateKeysAsync();
                await server.ExchangeAsync(stream, setup);
            }
        });
        TlsReport? report = setup.Exporter ? await server.ReportAsync() : null;
        return Judge(cell, setup, seen, report);
    }

    private static async Task<string?> ServeAsync(TlsPeer peer, TlsCell cell)
    {
        TlsSetup setup = cell.Setup;
        await using KadathSide.Server server = new(setup);
        TlsReport report;
        try
        {
            report = await peer.ConnectAsync(server.Port, setup);
        }
        catch (PeerException failed)
        {
            // What our side says is more to the point, if it says anything.
            string ours = await server.NextAsync().ContinueWith(static next => next.IsFaulted ? next.Exception!.InnerException!.Message : "Kadath saw nothing wrong", TaskScheduler.Default);
            return $"{failed.Message.Split('\n')[0]} / {ours}";
        }

        KadathSide.Seen seen = await server.NextAsync();
        if (setup.Resume)
        {
            seen = await server.NextAsync();
        }

        if (setup.EarlyData && seen.Early.Length == 0)
        {
            return "no early data came";
        }

        return Judge(cell, setup, seen, report);
    }

    private static string? Judge(TlsCell cell, TlsSetup setup, KadathSide.Seen seen, TlsReport? report)
    {
        TlsConnectionInfo info = seen.Info;
        HandshakeKind kind = setup.Psk is not null ? HandshakeKind.ExternalPsk : setup.Resume ? HandshakeKind.Resumed : HandshakeKind.Full;
        string? wrong = info.Kind != kind ? $"the handshake was {info.Kind}"
            : setup.Groups is { } groups && !string.Equals($"{info.Group}", setup.HelloRetry ? groups[^1] : groups[0], StringComparison.OrdinalIgnoreCase) ? $"the group was {info.Group}"
            : setup.HelloRetry && !info.HelloRetried ? "the hello was not retried"
            : info.ApplicationProtocol != setup.Alpn[0] ? $"the protocol was {info.ApplicationProtocol ?? "none"}"
            : setup.EarlyData && info.EarlyDataAccepted != true ? "early data was not accepted"
            : setup.Exporter && seen.Exporter != report?.Exporter ? $"exported {seen.Exporter}, the peer {report?.Exporter}"
            : null;
        return wrong ?? JudgeKeys(cell, setup, seen);
    }

    private static string? JudgeKeys(TlsCell cell, TlsSetup setup, KadathSide.Seen seen)
    {
        TlsConnectionInfo info = seen.Info;
        bool connects = cell.Role == TlsRole.KadathConnects;
        PeerState expected = info.Kind == HandshakeKind.ExternalPsk ? PeerState.PreSharedKey
            : !connects && !setup.ClientCertificate ? PeerState.Anonymous
            : setup.RawPublicKeys || (connects && setup.Key == "mldsa65") ? PeerState.Pinned : PeerState.Chain;
        string? suite = setup.Suites?[0] switch { "TLS_AES_256_GCM_SHA384" => "Aes256GcmSha384", "TLS_CHACHA20_POLY1305_SHA256" => "ChaCha20Poly1305Sha256", _ => null };
        return info.PeerState != expected ? $"the peer's state was {info.PeerState}"
            : suite is not null && $"{info.Suite}" != suite ? $"the suite was {info.Suite}"
            : setup.KeyUpdate && (seen.KeyUpdatesSent == 0 || seen.KeyUpdatesReceived == 0) ? $"{seen.KeyUpdatesSent} key updates sent, {seen.KeyUpdatesReceived} received"
            : null;
    }
}
