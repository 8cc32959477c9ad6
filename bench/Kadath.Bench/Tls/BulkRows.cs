using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Bench.Tls;

/// <summary>Bytes over loopback TCP, one way.</summary>
internal static class BulkRows
{
    private const int Passes = 3;

    public static async Task<(Socket Client, Socket Server)> SocketsAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndPoint!);
        Socket server = await listener.AcceptAsync();
        server.NoDelay = true;
        return (client, server);
    }

    public static async Task PrintAsync()
    {
        using Credential credential = TlsCredentials.SelfSigned();
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(Sides.Certificate, null, offline: true);
        List<(string Name, Func<Task<(Stream Client, Stream Server)>> Open)> rows =
        [
            ("SslStream", async () =>
            {
                (Socket client, Socket server) = await SocketsAsync();
                return await Sides.SslAsync(new NetworkStream(client, true), new NetworkStream(server, true), context, resume: false);
            }),
            ("Kadath", async () =>
            {
                (Socket client, Socket server) = await SocketsAsync();
                return await Sides.TlsAsync(new TlsStream(client), new TlsStream(server), credential);
            }),
            ("Kadath, records sent together", async () =>
            {
                (Socket client, Socket server) = await SocketsAsync();
                return await Sides.TlsAsync(new TlsStream(client) { SendsTogether = true }, new TlsStream(server), credential);
            }),
            ("plain TCP", async () =>
            {
                (Socket client, Socket server) = await SocketsAsync();
                return (new NetworkStream(client, true), new NetworkStream(server, true));
            }),
        ];
        Console.WriteLine("| one way over loopback, AES-128-GCM | write, bytes | MB/s | CPU of both sides, s/GB | MB/s of SslStream's |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (int size in new[] { 16384, 1200 })
        {
            Dictionary<string, (double Rate, double Cpu)> best = [];
            for (int pass = 0; pass < Passes; pass++)
            {
                foreach ((string name, var open) in rows)
                {
                    (double rate, double cpu) = await MeasureAsync(open, size, size == 1200 ? 150L << 20 : 600L << 20);
                    (double Rate, double Cpu) sofar = best.GetValueOrDefault(name, (0, double.PositiveInfinity));
                    best[name] = (Math.Max(rate, sofar.Rate), Math.Min(cpu, sofar.Cpu));
                }
            }

            foreach ((string name, _) in rows)
            {
                Console.WriteLine($"| {name} | {size} | {TlsCommand.Text(best[name].Rate)} | {TlsCommand.Text(best[name].Cpu)} | {TlsCommand.Text(best[name].Rate / best["SslStream"].Rate)} |");
            }
        }
    }

    private static async Task<(double Rate, double Cpu)> MeasureAsync(Func<Task<(Stream Client, Stream Server)>> open, int size, long total)
    {
        (Stream client, Stream server) = await open();
        await using (client)
        await using (server)
        {
            await MoveAsync(client, server, size, total / 8);
            long began = Stopwatch.GetTimestamp();
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            await MoveAsync(client, server, size, total);
            double gigabytes = total / 1e9;
            return (total / 1e6 / Stopwatch.GetElapsedTime(began).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / gigabytes);
        }
    }

    private static async Task MoveAsync(Stream from, Stream to, int size, long total)
    {
        long writes = total / size;
        Task reading = Task.Run(async () =>
        {
            byte[] buffer = new byte[64 * 1024];
            for (long left = writes * size; left > 0;)
            {
                left -= await to.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)));
            }
        });
        byte[] data = new byte[size];
        for (long i = 0; i < writes; i++)
        {
            await from.WriteAsync(data);
        }

        await from.FlushAsync();
        await reading;
    }
}
