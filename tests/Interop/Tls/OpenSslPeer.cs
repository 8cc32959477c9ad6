using System.Text;
using Kadath.Tests.Interop.Peers;
using Kadath.Tls.Streams;

namespace Kadath.Tests.Interop.Tls;

/// <summary>The system's openssl, s_server and s_client.</summary>
internal sealed class OpenSslPeer : TlsPeer
{
    public override string Name => "openssl";

    public override string? Missing => PeerHome.Missing("openssl");

    public override async Task<TlsPeerServer> ServeAsync(TlsSetup setup)
    {
        TlsIdentity identity = TlsIdentity.Of(setup.Key);
        int port = Ports.Free("127.0.0.1").Port;
        List<string> arguments = ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", identity.CertificateFile, "-key", identity.KeyFile, .. Common(setup)];
        bool echoes = setup.Bytes > 4096;
        arguments.AddRange(echoes ? ["-rev"] : []);
        arguments.AddRange(setup.ClientCertificate ? ["-Verify", "1", "-verify_return_error", "-CAfile", TlsIdentity.Of("client").CertificateFile] : []);
        arguments.AddRange(setup.EarlyData ? ["-early_data", "-max_early_data", "16384"] : []);
        TlsProgram program = TlsProgram.Start("openssl", arguments);
        await program.LineAsync(static line => line.StartsWith("ACCEPT", StringComparison.Ordinal), "ACCEPT");
        return echoes ? new EchoServer(program, port) : new Server(program, port);
    }

    public override async Task<TlsReport> ConnectAsync(int port, TlsSetup setup)
    {
        TlsIdentity identity = TlsIdentity.Of(setup.Key);
        List<string> arguments = ["s_client", "-connect", $"127.0.0.1:{port}", "-CAfile", identity.CertificateFile, "-verify_return_error", "-servername", "localhost", .. Common(setup)];
        arguments.AddRange(setup.ClientCertificate ? ["-cert", TlsIdentity.Of("client").CertificateFile, "-key", TlsIdentity.Of("client").KeyFile] : []);
        if (!setup.Resume)
        {
            return await OnceAsync(arguments, setup);
        }

        string session = Path.GetTempFileName();
        string early = Path.GetTempFileName();
        try
        {
            await OnceAsync([.. arguments, "-sess_out", session], setup);
            await File.WriteAllTextAsync(early, "early\n");
            return await OnceAsync([.. arguments, "-sess_in", session, .. setup.EarlyData ? new[] { "-early_data", early } : []], setup);
        }
        finally
        {
            File.Delete(session);
            File.Delete(early);
        }
    }

    private static async Task<TlsReport> OnceAsync(List<string> arguments, TlsSetup setup)
    {
        await using TlsProgram program = TlsProgram.Start("openssl", arguments);
        await program.LineAsync(static line => line.StartsWith("---", StringComparison.Ordinal) || line.Contains("error", StringComparison.OrdinalIgnoreCase), "connection");
        if (setup.KeyUpdate)
        {
            await program.SendAsync("K");
            await program.LineAsync(static line => line.Contains("KEYUPDATE", StringComparison.Ordinal), "KEYUPDATE");
        }

        for (int sent = 0; sent + 4096 < setup.Bytes; sent += 4096)
        {
            await program.SendAsync(new string('x', 4095));
        }

        await program.SendAsync("hell");
        await program.LineAsync(static line => line == "hell", "echo");
        string output = program.Output;
        await program.SendAsync("Q");
        await program.ExitAsync();
        return new TlsReport
        {
            Exporter = ExporterIn(output),
            Resumed = output.Contains("Reused, TLSv1.3", StringComparison.Ordinal),
            EarlyData = output.Contains("Early data was accepted", StringComparison.Ordinal),
            Alpn = output.Split('\n').FirstOrDefault(static line => line.StartsWith("ALPN protocol: ", StringComparison.Ordinal))?["ALPN protocol: ".Length..],
        };
    }

    private static List<string> Common(TlsSetup setup)
    {
        List<string> arguments = ["-tls1_3", "-alpn", string.Join(',', setup.Alpn)];
        arguments.AddRange(setup.Groups is null ? [] : ["-groups", string.Join(':', setup.Groups.Select(static group => group switch { "secp256r1" => "P-256", "secp384r1" => "P-384", "x25519" => "X25519", _ => group }))]);
        arguments.AddRange(setup.Suites is null ? [] : ["-ciphersuites", string.Join(':', setup.Suites)]);
        arguments.AddRange(setup.Exporter ? ["-keymatexport", TlsSetup.ExporterLabel, "-keymatexportlen", "32"] : []);
        arguments.AddRange(setup.Psk is null ? [] : ["-psk", setup.Psk, "-psk_identity", "lab"]);
        return arguments;
    }

    private static string? ExporterIn(string output)
    {
        const string heading = "Keying material: ";
        return output.Split('\n').LastOrDefault(static line => line.Contains(heading, StringComparison.Ordinal))?.Split(heading)[1].Trim().ToLowerInvariant();
    }

    /// <summary>Shows what comes, and sends what it is typed.</summary>
    private sealed class Server(TlsProgram program, int port) : TlsPeerServer
    {
        private int _exchanges;

        public override int Port => port;

        public override async Task ExchangeAsync(TlsStream stream, TlsSetup setup)
        {
            string line = $"exchange {++_exchanges}";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"));
            await program.LineAsync(text => text.EndsWith(line, StringComparison.Ordinal), line);
            await program.SendAsync("back");
            byte[] back = new byte[5];
            await stream.ReadExactlyAsync(back);
        }

        public override Task UpdateKeysAsync() => program.SendAsync("K");

        public override async Task<TlsReport> ReportAsync()
        {
            await program.LineAsync(static line => line.Contains("BEGIN SSL SESSION PARAMETERS", StringComparison.Ordinal), "session");
            return new TlsReport { Exporter = ExporterIn(program.Output) };
        }

        public override ValueTask DisposeAsync() => program.DisposeAsync();
    }

    /// <summary>Sends each line back reversed.</summary>
    private sealed class EchoServer(TlsProgram program, int port) : TlsPeerServer
    {
        public override int Port => port;

        public override byte[] EchoOf(byte[] line)
        {
            byte[] reversed = [.. line];
            Array.Reverse(reversed, 0, reversed.Length - 1);
            return reversed;
        }

        public override Task<TlsReport> ReportAsync() => Task.FromResult(new TlsReport());

        public override ValueTask DisposeAsync() => program.DisposeAsync();
    }
}
