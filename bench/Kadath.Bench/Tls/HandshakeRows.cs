using System.Net.Security;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Bench.Tls;

/// <summary>Full and resumed handshakes in memory, both sides: processor time of the process.</summary>
internal static class HandshakeRows
{
    private const int Passes = 5;

    public static async Task PrintAsync()
    {
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(Sides.Certificate, null, offline: true);
        using Credential p256 = TlsCredentials.FromPem(Sides.Certificate.ExportCertificatePem(), Sides.Certificate.GetECDsaPrivateKeyPem());
        using Credential raw = TlsCredentials.RawPublicKey(), mlDsa = TlsCredentials.RawPublicKey(PublicKeyKind.MlDsa65);
        List<(string Name, Func<Task> Run)> rows =
        [
            ("SslStream, full: default group, P-256 certificate", () => SslAsync(context, false)),
            ("SslStream, resumed", () => SslAsync(context, true)),
            ("Kadath streams, full: X25519MLKEM768, P-256 certificate", () => StreamsAsync(p256)),
            Machine("Kadath, full: X25519MLKEM768, Ed25519 raw keys", NamedGroup.X25519MLKEM768, raw),
            Machine("Kadath, full: X25519MLKEM768, P-256 certificate", NamedGroup.X25519MLKEM768, p256),
            Machine("Kadath, full: X25519, P-256 certificate", NamedGroup.X25519, p256),
            Machine("Kadath, full: P-256, P-256 certificate", NamedGroup.Secp256r1, p256),
            Machine("Kadath, full: X25519MLKEM768, ML-DSA-65 raw keys", NamedGroup.X25519MLKEM768, mlDsa),
            Machine("Kadath, resumed: X25519MLKEM768", NamedGroup.X25519MLKEM768, p256, resume: true),
        ];
        Dictionary<string, double> lowest = [];
        for (int pass = 0; pass < Passes; pass++)
        {
            foreach ((string name, Func<Task> run) in rows)
            {
                lowest[name] = Math.Min(await MeasureAsync(run, pass == 0 ? 300 : 50), lowest.GetValueOrDefault(name, double.PositiveInfinity));
            }
        }

        Console.WriteLine("| handshake in memory, both sides | CPU, µs | of SslStream's full |");
        Console.WriteLine("| --- | ---: | ---: |");
        foreach ((string name, _) in rows)
        {
            Console.WriteLine($"| {name} | {TlsCommand.Text(lowest[name])} | {TlsCommand.Text(lowest[name] / lowest[rows[0].Name])} |");
        }
    }

    private static (string Name, Func<Task> Run) Machine(string name, NamedGroup group, Credential credential, bool resume = false)
    {
        MemoryHandshake handshake = new(group, credential, resume);
        return (name, Run);

        Task Run()
        {
            handshake.Run();
            return Task.CompletedTask;
        }
    }

    private static async Task<double> MeasureAsync(Func<Task> run, int warm)
    {
        const int count = 150;
        for (int i = 0; i < warm; i++)
        {
            await run();
        }

        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < count; i++)
        {
            await run();
        }

        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / count;
    }

    private static async Task SslAsync(SslStreamCertificateContext context, bool resume)
    {
        (Duplex client, Duplex server) = Duplex.Pair();
        (SslStream a, SslStream b) = await Sides.SslAsync(client, server, context, resume);

        // The ticket comes with the first read.
        byte[] one = new byte[1];
        await b.WriteAsync(one);
        await a.ReadExactlyAsync(one);
        await a.DisposeAsync();
        await b.DisposeAsync();
    }

    private static async Task StreamsAsync(Credential credential)
    {
        (Duplex client, Duplex server) = Duplex.Pair();
        (TlsStream a, TlsStream b) = await Sides.TlsAsync(new TlsStream(client), new TlsStream(server), credential);
        byte[] one = new byte[1];
        await b.WriteAsync(one);
        await a.ReadExactlyAsync(one);
        await a.DisposeAsync();
        await b.DisposeAsync();
    }

    private static string GetECDsaPrivateKeyPem(this System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        using System.Security.Cryptography.ECDsa key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        return key.ExportPkcs8PrivateKeyPem();
    }
}
