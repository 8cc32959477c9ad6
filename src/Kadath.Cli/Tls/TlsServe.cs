using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Kadath.Cli.Commands;
using Kadath.Cli.Nodes;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Cli.Tls;

/// <summary>A server that sends back what comes.</summary>
internal static class TlsServe
{
    // As much as a session's buffers hold; what a client may send before the handshake is done.
    private const uint MaxEarlyData = 16384;

    public static Command Create(CommandFactory factory)
    {
        TlsCommandOptions options = new();
        Command command = factory.Plain("serve", "Listen, and send back what comes", "kadath tls serve 127.0.0.1:0", "kadath tls serve 0.0.0.0:4433 --cert chain.pem --key key.pem --alpn echo");
        options.AddCommon(command);
        command.Add(options.ClientAuth);
        command.SetAction((parse, _) =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.GuardAsync(writer, async () =>
            {
                using TlsSettings settings = TlsSettings.Read(options, parse, server: true);
                using TlsTickets? tickets = settings.Tickets == "off" ? null : new TlsTickets(settings.Tickets == "sealed" ? TicketMode.Sealed : TicketMode.Stateful)
                {
                    MaxEarlyData = settings.EarlyData && settings.Tickets == "stateful" ? MaxEarlyData : 0,
                };
                TlsServerAuthenticationOptions server = OptionsOf(settings, parse.GetValue(options.ClientAuth), tickets);
                server.Validate();
                using Interrupts interrupts = new(ExitCodes.Interrupted);
                await ListenAsync(settings, server, new TlsOutput(writer.Json), interrupts.Token);
                return ExitCodes.Done;
            });
        });
        return command;
    }

    private static TlsServerAuthenticationOptions OptionsOf(TlsSettings settings, string? clientAuthentication, TlsTickets? tickets) => new()
    {
        Credentials = [settings.Credential!],
        ApplicationProtocols = settings.Protocols,
        Policy = settings.Policy,
        ClientAuthentication = clientAuthentication switch
        {
            null or "none" => ClientAuthentication.None,
            "request" => ClientAuthentication.Request,
            "require" => ClientAuthentication.Require,
            { } other => throw CliException.Usage($"--client-auth takes none, request or require, not '{other}'", null),
        },
        ClientTrust = settings.Trust,
        ClientCertificateTypes = settings.CertificateTypes,
        Tickets = tickets,
        Psks = settings.Psk is { } psk ? [psk] : [],
        RecordSizeLimit = settings.RecordSizeLimit,
        KeyLog = settings.KeyLog,
    };

    private static async Task ListenAsync(TlsSettings settings, TlsServerAuthenticationOptions server, TlsOutput output, CancellationToken cancellation)
    {
        IPAddress address = IPAddress.TryParse(settings.Host, out IPAddress? literal) ? literal : (await Dns.GetHostAddressesAsync(settings.Host, cancellation))[0];
        using Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(address, settings.Port));
            listener.Listen(1024);
        }
        catch (SocketException e)
        {
            throw new CliException(ErrorCodes.BindFailed, $"{settings.Host}:{settings.Port} cannot be bound: {e.Message}");
        }

        output.Listening(settings.Host, ((IPEndPoint)listener.LocalEndPoint!).Port, settings.Credential!);
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(cancellation);
                _ = ServeAsync(socket, settings, server, output, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
    }

    private static async Task ServeAsync(Socket socket, TlsSettings settings, TlsServerAuthenticationOptions server, TlsOutput output, CancellationToken cancellation)
    {
        socket.NoDelay = true;
        await using TlsStream stream = new(socket, ownsSocket: true);
        try
        {
            long began = Stopwatch.GetTimestamp();
            await stream.AuthenticateAsServerAsync(server, cancellation);
            double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            (long, long) bytes = await EchoAsync(stream, settings.KeyUpdate, cancellation);
            output.Handshake(TlsOutput.Describe(stream, settings, server: true, bytes, milliseconds));
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
        {
            output.Refused(failure, quiet: true);
        }
    }

    private static async Task<(long In, long Out)> EchoAsync(TlsStream stream, int keyUpdate, CancellationToken cancellation)
    {
        byte[] buffer = new byte[TlsTransfer.ChunkBytes];
        TlsTransfer.KeyUpdates updates = new(stream, keyUpdate);
        long bytesIn = 0, bytesOut = 0;
        int read;
        while ((read = await stream.ReadEarlyDataAsync(buffer, cancellation)) > 0 || (read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            bytesIn += read;
            await updates.BeforeAsync(read, cancellation);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellation);
            bytesOut += read;
        }

        await stream.CloseWriteAsync(cancellation);
        return (bytesIn, bytesOut);
    }
}
