using System.CommandLine;
using System.Diagnostics;
using System.Net.Sockets;
using Kadath.Cli.Commands;
using Kadath.Cli.Nodes;
using Kadath.Tls.Streams;

namespace Kadath.Cli.Tls;

/// <summary>A client that connects, exchanges bytes with a server that sends them back, and ends.</summary>
internal static class TlsConnect
{
    private const int DefaultBytes = 5;

    public static Command Create(CommandFactory factory)
    {
        TlsCommandOptions options = new();
        Command command = factory.Plain(
            "connect", "Connect, send bytes and get them back, and end", "kadath tls connect localhost:4433 --ca ca.pem", "kadath tls connect 127.0.0.1:4433 --pin HEX --resume --json");
        options.AddCommon(command);
        foreach (Option option in new Option[] { options.Sni, options.Resume, options.Shares, options.Bytes, options.Count, options.Concurrency, options.NoEcho })
        {
            command.Add(option);
        }

        command.SetAction((parse, _) =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.GuardAsync(writer, async () =>
            {
                using TlsSettings settings = TlsSettings.Read(options, parse, server: false);
                using TlsSessionCache? sessions = settings.Tickets == "off" ? null : new TlsSessionCache();
                using Interrupts interrupts = new(ExitCodes.Interrupted);
                Run run = new(settings, OptionsOf(settings, parse.GetValue(options.Sni), sessions), new TlsOutput(writer.Json))
                {
                    Bytes = parse.GetValue(options.NoEcho) ? 0 : parse.GetResult(options.Bytes) is null ? DefaultBytes : TlsSettings.AtLeast(parse.GetValue(options.Bytes), 0, "--bytes"),
                    Resume = parse.GetValue(options.Resume),
                    Timeout = factory.Options.TimeoutOf(parse),
                };
                int count = TlsSettings.AtLeast(parse.GetValue(options.Count), 1, "--n");
                return await run.AllAsync(count, TlsSettings.AtLeast(parse.GetValue(options.Concurrency), 1, "--concurrency"), interrupts.Token);
            });
        });
        return command;
    }

    private static TlsClientAuthenticationOptions OptionsOf(TlsSettings settings, string? sni, TlsSessionCache? sessions) => new()
    {
        TargetHost = sni ?? settings.Host,
        Trust = settings.Trust,
        ApplicationProtocols = settings.Protocols,
        Policy = settings.Policy,
        ServerCertificateTypes = settings.CertificateTypes,
        Credentials = settings.Credential is { } credential ? [credential] : [],
        Sessions = sessions,
        Psk = settings.Psk,
        RecordSizeLimit = settings.RecordSizeLimit,
        KeyLog = settings.KeyLog,
    };

    private sealed class Run(TlsSettings settings, TlsClientAuthenticationOptions client, TlsOutput output)
    {
        private readonly Lock _lock = new();
        private readonly List<double> _milliseconds = [];
        private readonly SortedDictionary<string, int> _kinds = new(StringComparer.Ordinal);
        private int _errors;
        private int _left;

        public required int Bytes { get; init; }

        public required bool Resume { get; init; }

        public required TimeSpan? Timeout { get; init; }

        public async Task<int> AllAsync(int count, int concurrency, CancellationToken cancellation)
        {
            _left = count;
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long began = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, count)).Select(_ => WorkAsync(cancellation)));
            if (count > 1)
            {
                Summarize(Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - cpu);
            }

            return _errors > 0 ? ExitCodes.Nothing : ExitCodes.Done;
        }

        private async Task WorkAsync(CancellationToken cancellation)
        {
            while (Interlocked.Decrement(ref _left) >= 0)
            {
                if (await OneAsync(cancellation) && Resume)
                {
                    await OneAsync(cancellation);
                }
            }
        }

        private async Task<bool> OneAsync(CancellationToken cancellation)
        {
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (Timeout is { } timeout)
            {
                deadline.CancelAfter(timeout);
            }

            try
            {
                HandshakeLine line = await ConnectAsync(deadline.Token);
                lock (_lock)
                {
                    _milliseconds.Add(line.Milliseconds);
                    _kinds[line.Kind] = _kinds.GetValueOrDefault(line.Kind) + 1;
                }

                output.Handshake(line);
                return true;
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
            {
                Interlocked.Increment(ref _errors);
                output.Refused(failure, quiet: false);
                return false;
            }
        }

        private async Task<HandshakeLine> ConnectAsync(CancellationToken cancellation)
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await using TlsStream stream = new(socket, ownsSocket: true);
            await socket.ConnectAsync(settings.Host, settings.Port, cancellation);
            byte[] early = settings.EarlyData ? new byte[Math.Min(Bytes, DefaultBytes)] : [];
            TlsTransfer.Fill(early, 0);
            long began = Stopwatch.GetTimestamp();
            await stream.AuthenticateAsClientAsync(client with { EarlyData = early }, cancellation);
            double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            (long In, long Out) bytes = await TlsTransfer.ExchangeAsync(stream, Bytes, early.Length, settings.KeyUpdate, cancellation);

            // The server's close comes after its tickets, so that waiting for it collects them.
            await stream.CloseWriteAsync(cancellation);
            while (await stream.ReadAsync(new byte[1024], cancellation) > 0)
            {
            }

            return TlsOutput.Describe(stream, settings, server: false, bytes, milliseconds);
        }

        private void Summarize(TimeSpan elapsed, TimeSpan cpu)
        {
            _milliseconds.Sort();
            int made = _milliseconds.Count;
            output.Summary(new SummaryLine
            {
                Handshakes = made,
                Errors = _errors,
                Kinds = _kinds,
                HandshakesPerSecond = Math.Round(made / elapsed.TotalSeconds, 1),
                MedianMs = made == 0 ? 0 : _milliseconds[made / 2],
                P99Ms = made == 0 ? 0 : _milliseconds[Math.Min(made - 1, made * 99 / 100)],
                CpuMicroseconds = Math.Round(cpu.TotalMicroseconds / Math.Max(1, made + _errors), 1),
            });
        }
    }
}
