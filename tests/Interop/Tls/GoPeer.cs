using System.Text.Json;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Tls;

/// <summary>Go's crypto/tls.</summary>
internal sealed class GoPeer : TlsPeer
{
    public override string Name => "go";

    public override string? Missing { get; } = PeerHome.Missing("anacrolix") ?? WithoutTls(PeerHome.Binary("gopeer"));

    private static string Program => PeerHome.Binary("gopeer");

    public override async Task<TlsPeerServer> ServeAsync(TlsSetup setup)
    {
        TlsIdentity identity = TlsIdentity.Of(setup.Key);
        List<string> arguments = ["tls-server", "--port", $"{Ports.Free("127.0.0.1").Port}", .. Common(setup), "--cert", identity.CertificateFile, "--key", identity.KeyFile];
        if (setup.ClientCertificate)
        {
            arguments.AddRange(["--require-client-cert", "--ca", TlsIdentity.Of("client").CertificateFile]);
        }

        TlsProgram program = TlsProgram.Start(Program, arguments);
        JsonElement ready = await program.JsonAsync("ready");
        return new Server(program, ready.GetProperty("port").GetInt32());
    }

    public override async Task<TlsReport> ConnectAsync(int port, TlsSetup setup)
    {
        List<string> arguments = ["tls-client", "--host", "127.0.0.1", "--port", $"{port}", .. Common(setup), "--ca", TlsIdentity.Of(setup.Key).CertificateFile, "--n", setup.Resume ? "2" : "1"];
        foreach ((bool wanted, string[] words) in new (bool, string[])[]
        {
            (setup.Resume, ["--resume"]), (setup.Bytes > 5, ["--bytes", $"{setup.Bytes}"]),
            (setup.ClientCertificate, ["--client-cert", "--cert", TlsIdentity.Of("client").CertificateFile, "--key", TlsIdentity.Of("client").KeyFile]),
        })
        {
            arguments.AddRange(wanted ? words : []);
        }

        await using TlsProgram program = TlsProgram.Start(Program, arguments);
        JsonElement result = await program.JsonAsync(null);
        return result.GetProperty("errors").GetInt32() == 0 && !result.TryGetProperty("error", out _) ? Read(result) : throw new PeerException($"go: {program.Output}");
    }

    private static List<string> Common(TlsSetup setup)
    {
        List<string> arguments = ["--alpn", string.Join(',', setup.Alpn)];
        if (setup.Groups is not null)
        {
            arguments.AddRange(["--groups", string.Join(',', setup.Groups.Select(static group => group switch { "secp256r1" => "P-256", "secp384r1" => "P-384", "x25519" => "X25519", _ => group }))]);
        }

        return arguments;
    }

    private static TlsReport Read(JsonElement report) => new()
    {
        Group = report.GetProperty("group").GetString() switch { "P-256" => "secp256r1", "P-384" => "secp384r1", { } group => group, null => null },
        Resumed = report.GetProperty("resumed").GetBoolean(),
        HelloRetry = report.GetProperty("helloRetryRequest").GetBoolean(),
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
