using System.Net.Security;
using System.Net.Sockets;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Bench.Tls;

/// <summary>Memory of connections on which both sides wait to read: growth of the process's resident memory.</summary>
internal static class IdleRows
{
    private const int Pairs = 400;

    public static async Task PrintAsync()
    {
        using Credential credential = TlsCredentials.SelfSigned();
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(Sides.Certificate, null, offline: true);
        double plain = await MeasureAsync(async () =>
        {
            (Socket client, Socket server) = await BulkRows.SocketsAsync();
            return (new NetworkStream(client, true), new NetworkStream(server, true));
        });
        double kadath = await MeasureAsync(async () =>
        {
            (Socket client, Socket server) = await BulkRows.SocketsAsync();
            return await Sides.TlsAsync(new TlsStream(client), new TlsStream(server), credential);
        });
        double ssl = await MeasureAsync(async () =>
        {
            (Socket client, Socket server) = await BulkRows.SocketsAsync();
            return await Sides.SslAsync(new NetworkStream(client, true), new NetworkStream(server, true), context, resume: false);
        });
        Console.WriteLine("| idle, reading, per side | KiB | without the socket's | of SslStream's |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        Console.WriteLine($"| socket alone | {TlsCommand.Text(plain)} | | |");
        Console.WriteLine($"| Kadath | {TlsCommand.Text(kadath)} | {TlsCommand.Text(kadath - plain)} | {TlsCommand.Text((kadath - plain) / (ssl - plain))} |");
        Console.WriteLine($"| SslStream | {TlsCommand.Text(ssl)} | {TlsCommand.Text(ssl - plain)} | 1 |");
    }

    private static async Task<double> MeasureAsync(Func<Task<(Stream Client, Stream Server)>> open)
    {
        List<(Stream Client, Stream Server)> open1 = [];
        List<Task> reads = [];
        for (int i = 0; i < 20; i++)
        {
            open1.Add(await open());
        }

        long before = Resident();
        for (int i = 0; i < Pairs; i++)
        {
            (Stream client, Stream server) = await open();
            byte[] one = new byte[1];
            await client.WriteAsync(one);
            await server.ReadExactlyAsync(one);
            await server.WriteAsync(one);
            await client.ReadExactlyAsync(one);
            reads.Add(client.ReadAsync(one).AsTask());
            reads.Add(server.ReadAsync(new byte[1]).AsTask());
            open1.Add((client, server));
        }

        double perSide = (Resident() - before) / 1024.0 / (2 * Pairs);
        foreach ((Stream client, Stream server) in open1)
        {
            await client.DisposeAsync();
            await server.DisposeAsync();
        }

        await Task.WhenAll(reads).ContinueWith(static _ => { }, TaskScheduler.Default);
        return perSide;
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }
}
