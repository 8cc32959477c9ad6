using System.Text.Json;
using System.Text.Json.Nodes;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Tls;

/// <summary>Node.js 26 with OpenSSL 3.5.</summary>
internal sealed class NodePeer : TlsPeer
{
    public override string Name => "node";

    public override string? Missing => PeerHome.Missing("node26");

    private static string Program => Path.Combine(PeerHome.Folder, "node26", "node_modules", "node", "bin", "node");

    public override async Task<TlsPeerServer> ServeAsync(TlsSetup setup)
    {
        TlsIdentity identity = TlsIdentity.Of(setup.Key);
        JsonObject options = Common(setup);
        options["cert"] = identity.CertificateFile;
        options["key"] = identity.KeyFile;
        if (setup.ClientCertificate)
        {
            options["requestCert"] = true;
            options["ca"] = TlsIdentity.Of("client").CertificateFile;
        }

        TlsProgram program = TlsProgram.Start(Program, PeerHome.Script("tls-peer.mjs"), "server", options.ToJsonString());
        JsonElement ready = await program.JsonAsync("ready");
        return new Server(program, ready.GetProperty("port").GetInt32());
    }

    public override async Task<TlsReport> ConnectAsync(int port, TlsSetup setup)
    {
        JsonObject options = Common(setup);
        (options["port"], options["ca"], options["bytes"], options["resume"]) = (port, TlsIdentity.Of(setup.Key).CertificateFile, setup.Bytes, setup.Resume);
        if (setup.ClientCertificate)
        {
            (options["clientCert"], options["clientKey"]) = (TlsIdentity.Of("client").CertificateFile, TlsIdentity.Of("client").KeyFile);
        }

        await using TlsProgram program = TlsProgram.Start(Program, PeerHome.Script("tls-peer.mjs"), "client", options.ToJsonString());
        JsonElement result = await program.JsonAsync("result");
        return result.GetProperty("ok").GetBoolean() ? Read(result) : throw new PeerException($"node: {result.GetProperty("error")}");
    }

    private static JsonObject Common(TlsSetup setup) => new()
    {
        ["groups"] = setup.Groups is null ? null : string.Join(':', setup.Groups.Select(static group => group switch { "secp256r1" => "P-256", "secp384r1" => "P-384", "x25519" => "X25519", _ => group })),
        ["ciphers"] = setup.Suites is null ? null : string.Join(':', setup.Suites),
        ["alpn"] = new JsonArray([.. setup.Alpn.Select(static name => (JsonNode)name)]),
        ["label"] = TlsSetup.ExporterLabel,
    };

    private static TlsReport Read(JsonElement report) => new()
    {
        Exporter = report.GetProperty("exporter").GetString(),
        Resumed = report.GetProperty("resumed").GetBoolean(),
        Alpn = report.GetProperty("alpn").GetString(),
    };

    private sealed class Server(TlsProgram program, int port) : TlsPeerServer
    {
        public override int Port => port;

        public override async Task<TlsReport> ReportAsync()
        {
            await program.JsonAsync("connection");
            string last = program.Output.Split('\n').Last(static line => line.Contains("\"event\":\"connection\"", StringComparison.Ordinal));
            return Read(JsonDocument.Parse(last).RootElement);
        }

        public override ValueTask DisposeAsync() => program.DisposeAsync();
    }
}
