using System.Text.Json;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Tls;

/// <summary>rustls with aws-lc-rs.</summary>
internal sealed class RustlsPeer : TlsPeer
{
    public override string Name => "rustls";

    public override string? Missing { get; } = PeerHome.Missing("pubky") ?? WithoutTls(PeerHome.Binary("rspeer"));

    private static string Program => PeerHome.Binary("rspeer");

    public override async Task<TlsPeerServer> ServeAsync(TlsSetup setup)
    {
        TlsIdentity identity = TlsIdentity.Of(setup.Key);
        List<string> arguments = ["tls-server", "--host", "127.0.0.1", "--port", $"{Ports.Free("127.0.0.1").Port}", .. Common(setup), "--cert", identity.CertificateFile, "--key", identity.KeyFile];
        if (setup.EarlyData)
        {
            arguments.Add("--0rtt");
        }

        TlsProgram program = TlsProgram.Start(Program, arguments);
        JsonElement ready = await program.JsonAsync("ready");
        return new Server(program, ready.GetProperty("port").GetInt32());
    }

    public override async Task<TlsReport> ConnectAsync(int port, TlsSetup setup)
    {
        TlsIdentity identity = TlsIdentity.Of(setup.Key);
        List<string> arguments = ["tls-client", "--host", "127.0.0.1", "--port", $"{port}", .. Common(setup), "--sni", "localhost"];
        if (!setup.RawPublicKeys)
        {
            arguments.AddRange(["--ca", identity.CertificateFile]);
        }

        if (setup.ClientCertificate)
        {
            arguments.AddRange(["--cert", TlsIdentity.Of("client").CertificateFile, "--key", TlsIdentity.Of("client").KeyFile]);
        }

        foreach ((bool wanted, string[] words) in new (bool, string[])[]
        {
            (setup.Resume, ["--resume", "--n", "2"]), (setup.EarlyData, ["--0rtt"]), (setup.Bytes > 5, ["--bytes", $"{setup.Bytes}"]), (setup.KeyUpdate, ["--key-update", "1"]),
        })
        {
            arguments.AddRange(wanted ? words : []);
        }

        await using TlsProgram program = TlsProgram.Start(Program, arguments);
        JsonElement result = await program.JsonAsync("result");
        return result.GetProperty("ok").GetBoolean() ? Read(result) : throw new PeerException($"rustls: {result.GetProperty("error")}");
    }

    private static List<string> Common(TlsSetup setup)
    {
        List<string> arguments = ["--alpn", string.Join(',', setup.Alpn)];
        arguments.AddRange(setup.Groups is null ? [] : ["--groups", string.Join(',', setup.Groups)]);
        arguments.AddRange(setup.Suites is null ? [] : ["--ciphers", string.Join(',', setup.Suites)]);
        arguments.AddRange(setup.RawPublicKeys ? ["--raw-public-keys"] : []);
        arguments.AddRange(setup.ClientCertificate ? ["--client-cert"] : []);
        return arguments;
    }

    private static TlsReport Read(JsonElement report)
    {
        string kind = report.GetProperty("kind").GetString() ?? "";
        JsonElement early = report.GetProperty("early");
        return new TlsReport
        {
            Group = report.GetProperty("group").GetString(),
            Exporter = report.GetProperty("exporter").GetString(),
            Resumed = kind == "resumed",
            HelloRetry = kind == "HRR",
            Alpn = report.GetProperty("alpn").GetString(),
            EarlyData = early.ValueKind == JsonValueKind.True || (early.ValueKind == JsonValueKind.String && early.GetString() is { Length: > 0 }),
        };
    }

    private sealed class Server(TlsProgram program, int port) : TlsPeerServer
    {
        public override int Port => port;

        public override async Task<TlsReport> ReportAsync()
        {
            await program.JsonAsync("connection");
            string last = program.Output.Split('\n').Last(static line => line.Contains("\"event\":\"connection\"", StringComparison.Ordinal));
            return Read(JsonDocument.Parse(last).RootElement);
        }

        public override Task UpdateKeysAsync() => program.SendAsync("""{"id":1,"cmd":"key_update"}""");

        public override ValueTask DisposeAsync() => program.DisposeAsync();
    }
}
