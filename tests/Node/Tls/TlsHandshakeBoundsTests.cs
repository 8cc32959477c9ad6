using System.Text;
using Kadath.Tls;
using Kadath.Tls.Streams;
using Xunit;

namespace Kadath.Tests.Node.Tls;

/// <summary>Deadlines, bounds, sessions and what is only done when asked for.</summary>
public sealed class TlsHandshakeBoundsTests
{
    [Fact]
    public async Task A_silent_peer_is_given_up_at_the_deadline()
    {
        await using TlsPair pair = await TlsPair.OpenAsync();
        TimeSpan soon = TimeSpan.FromMilliseconds(50);
        TlsException server = await Assert.ThrowsAsync<TlsException>(() => pair.Server.AuthenticateAsServerAsync(TlsPair.Server1() with { HandshakeTimeout = soon }));
        Assert.Equal(TlsFailure.Deadline, server.Failure);
        TlsException client = await Assert.ThrowsAsync<TlsException>(() => pair.Client.AuthenticateAsClientAsync(TlsPair.Client1() with { HandshakeTimeout = soon }));
        Assert.Equal(TlsFailure.Deadline, client.Failure);
    }

    [Fact]
    public async Task A_handshake_can_be_cancelled()
    {
        await using TlsPair pair = await TlsPair.OpenAsync();
        using CancellationTokenSource cancellation = new();
        Task handshake = pair.Server.AuthenticateAsServerAsync(TlsPair.Server1(), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handshake);
    }

    [Fact]
    public async Task Handshakes_beyond_the_gate_are_turned_away_and_a_place_comes_free()
    {
        HandshakeGate gate = new(1);
        TlsServerAuthenticationOptions server = TlsPair.Server1() with { Gate = gate };
        await using TlsPair first = await TlsPair.OpenAsync(), second = await TlsPair.OpenAsync();
        Task pending = first.Server.AuthenticateAsServerAsync(server);
        Assert.Equal(1, gate.Pending);
        TlsException refused = await Assert.ThrowsAsync<TlsException>(() => second.Server.AuthenticateAsServerAsync(server));
        Assert.Equal(TlsFailure.Busy, refused.Failure);
        await Task.WhenAll(first.Client.AuthenticateAsClientAsync(TlsPair.Client1()), pending);
        Assert.Equal(0, gate.Pending);
    }

    [Fact]
    public async Task A_peer_that_ends_during_the_handshake_is_a_fault_of_the_network()
    {
        await using TlsPair pair = await TlsPair.OpenAsync();
        pair.ClientSocket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        TlsException failure = await Assert.ThrowsAsync<TlsException>(() => pair.Server.AuthenticateAsServerAsync(TlsPair.Server1()));
        Assert.Equal(TlsFailure.Network, failure.Failure);
    }

    [Fact]
    public async Task Strangers_bytes_are_refused_with_an_alert()
    {
        await using TlsPair pair = await TlsPair.OpenAsync();
        await pair.ClientSocket.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        TlsException failure = await Assert.ThrowsAsync<TlsException>(() => pair.Server.AuthenticateAsServerAsync(TlsPair.Server1()));
        Assert.Equal((TlsFailure.RefusedByUs, AlertDescription.UnexpectedMessage), (failure.Failure, failure.Alert));
        byte[] alert = new byte[7];
        Assert.Equal(7, await pair.ClientSocket.ReceiveAsync(alert));
        Assert.Equal([21, 3, 3, 0, 2, 2, 10], alert);
    }

    [Fact]
    public async Task A_ticket_is_good_for_one_connection_under_the_same_trust()
    {
        using TlsSessionCache sessions = new();
        using TlsTickets tickets = new();
        TlsServerAuthenticationOptions server = TlsPair.Server1() with { Tickets = tickets };
        TlsClientAuthenticationOptions client = TlsPair.Client1() with { Sessions = sessions };
        await EndAsync(client, server, HandshakeKind.Full);
        Assert.Equal((1, 1), (sessions.Count, tickets.Count));
        await EndAsync(client, server, HandshakeKind.Resumed);
        await EndAsync(client with { Trust = client.Trust with { AcceptAnyone = true } }, server, HandshakeKind.Full);
        await EndAsync(client with { TargetHost = "127.0.0.1" }, server, HandshakeKind.Full);
        await EndAsync(client, server, HandshakeKind.Resumed);

        // A server that forgot gives a full handshake.
        tickets.Dispose();
        await EndAsync(client, server, HandshakeKind.Full);
    }

    [Fact]
    public async Task A_sealed_ticket_resumes_and_takes_no_early_data()
    {
        using TlsSessionCache sessions = new();
        using TlsTickets tickets = new(TicketMode.Sealed) { MaxEarlyData = 1000 };
        TlsServerAuthenticationOptions server = TlsPair.Server1() with { Tickets = tickets };
        TlsClientAuthenticationOptions client = TlsPair.Client1() with { Sessions = sessions, EarlyData = "early"u8.ToArray() };
        foreach (HandshakeKind kind in new[] { HandshakeKind.Full, HandshakeKind.Resumed })
        {
            await using TlsPair pair = await TlsPair.ConnectAsync(client, server);
            Assert.Equal((kind, null), (pair.Client.Info.Kind, pair.Client.Info.EarlyDataAccepted));
            byte[] buffer = new byte[5];
            await pair.Server.ReadExactlyAsync(buffer);
            await pair.Server.CloseWriteAsync();
            Assert.Equal(0, await pair.Client.ReadAsync(buffer));
        }

        Assert.Equal(0, tickets.Count);
    }

    [Fact]
    public async Task Early_data_comes_out_of_its_own_door_only()
    {
        using TlsSessionCache sessions = new();
        using TlsTickets tickets = new() { MaxEarlyData = 1000 };
        TlsServerAuthenticationOptions server = TlsPair.Server1() with { Tickets = tickets };
        TlsClientAuthenticationOptions client = TlsPair.Client1() with { Sessions = sessions, EarlyData = "early"u8.ToArray() };
        byte[] buffer = new byte[100];
        foreach (bool? accepted in new bool?[] { null, true })
        {
            await using TlsPair pair = await TlsPair.ConnectAsync(client, server);
            Assert.Equal(accepted, pair.Client.Info.EarlyDataAccepted);
            await pair.Client.WriteAsync("later"u8.ToArray());
            int early = await pair.Server.ReadEarlyDataAsync(buffer);
            Assert.Equal(accepted == true ? "early" : "", Encoding.ASCII.GetString(buffer, 0, early));
            await pair.Client.CloseWriteAsync();
            using StreamReader rest = new(pair.Server, leaveOpen: true);
            Assert.Equal(accepted == true ? "later" : "earlylater", await rest.ReadToEndAsync());
            await pair.Server.CloseWriteAsync();
            Assert.Equal(0, await pair.Client.ReadAsync(buffer));
        }
    }

    [Fact]
    public async Task Secrets_are_logged_for_the_streams_that_ask_for_it()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("kadath-").FullName, "keys");
        using (KeyLogFile log = new(path))
        {
            await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Client1() with { KeyLog = log });
        }

        string[] lines = await File.ReadAllLinesAsync(path);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.All(lines, static line => Assert.Matches("^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,96}$", line));
        foreach (string label in new[] { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET" })
        {
            Assert.Single(lines, line => line.StartsWith(label + " ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_server_shows_the_certificate_of_the_name_it_is_asked_for()
    {
        using Credential first = TlsCredentials.SelfSigned(names: ["first.example"]), second = TlsCredentials.SelfSigned(names: ["*.second.example"]);
        TlsServerAuthenticationOptions server = TlsPair.Server1() with { Credentials = [first, second] };
        foreach ((string name, Credential shown) in new[] { ("first.example", first), ("a.second.example", second), ("unheard.example", first) })
        {
            await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Client1(shown) with { TargetHost = name }, server);
            Assert.Equal(TlsPair.PinOf(shown), pair.Client.Info.Peer!.Pin);
        }
    }

    [Fact]
    public async Task A_key_given_beforehand_needs_no_certificate()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
        using ExternalPsk ours = new("name"u8, key), theirs = new("name"u8, key);
        await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Client1() with { Psk = ours }, new TlsServerAuthenticationOptions { Psks = [theirs] });
        Assert.Equal((HandshakeKind.ExternalPsk, PeerState.PreSharedKey, PeerState.PreSharedKey), (pair.Client.Info.Kind, pair.Client.Info.PeerState, pair.Server.Info.PeerState));
    }

    private static async Task EndAsync(TlsClientAuthenticationOptions client, TlsServerAuthenticationOptions server, HandshakeKind kind)
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(client, server);
        Assert.Equal((kind, kind), (pair.Client.Info.Kind, pair.Server.Info.Kind));
        Assert.Equal(PeerState.Pinned, pair.Client.Info.PeerState);
        await pair.Server.CloseWriteAsync();
        Assert.Equal(0, await pair.Client.ReadAsync(new byte[1]));
    }
}
