using System.IO.Pipelines;
using System.Text;
using Kadath.Tls;
using Kadath.Tls.Streams;
using Xunit;

namespace Kadath.Tests.Node.Tls;

/// <summary>What a stream promises about reading and writing.</summary>
public sealed class TlsStreamTests
{
    [Fact]
    public async Task Both_sides_see_the_same_connection()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Client1() with { ApplicationProtocols = ["a", "b"] }, TlsPair.Server1() with { ApplicationProtocols = ["b"] });
        TlsConnectionInfo client = pair.Client.Info, server = pair.Server.Info;
        Assert.Equal((NamedGroup.X25519MLKEM768, HandshakeKind.Full, "b", "localhost"), (client.Group, client.Kind, client.ApplicationProtocol, client.ServerName));
        Assert.Equal((client.Group, client.Suite, client.Kind, "b", "localhost"), (server.Group, server.Suite, server.Kind, server.ApplicationProtocol, server.ServerName));
        Assert.Equal((PeerState.Pinned, PeerState.Anonymous), (client.PeerState, server.PeerState));
        Assert.Equal(SignatureScheme.EcdsaSecp256r1Sha256, client.PeerScheme);
        byte[] ours = new byte[32], theirs = new byte[32];
        pair.Client.Export("EXPORTER-Channel-Binding"u8, [], ours);
        pair.Server.Export("EXPORTER-Channel-Binding"u8, [], theirs);
        Assert.Equal(ours, theirs);
        Assert.Contains(ours, static b => b != 0);
    }

    [Fact]
    public async Task One_reader_and_one_writer_work_at_once_on_both_sides()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        const int total = 3 << 20;
        await Task.WhenAll(SendAsync(pair.Client, 1, total), SendAsync(pair.Server, 2, total), ReceiveAsync(pair.Client, 2, total), ReceiveAsync(pair.Server, 1, total)).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Keys_are_updated_in_the_middle_of_traffic_both_ways()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        const int total = 1 << 20;
        await Task.WhenAll(SendAsync(pair.Client, 1, total, 100_000), SendAsync(pair.Server, 2, total), ReceiveAsync(pair.Client, 2, total), ReceiveAsync(pair.Server, 1, total)).WaitAsync(TimeSpan.FromSeconds(60));
        await pair.Server.WriteAsync("answered by now"u8.ToArray());
        await pair.Client.ReadExactlyAsync(new byte[15]);
        Assert.Equal(10, pair.Client.KeyUpdatesSent);
        Assert.Equal(10, pair.Server.KeyUpdatesReceived);
        Assert.InRange(pair.Client.KeyUpdatesReceived, 1, 10);
    }

    [Fact]
    public async Task A_second_reader_is_refused_and_the_first_goes_on()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        byte[] buffer = new byte[10];
        ValueTask<int> first = pair.Client.ReadAsync(buffer);
        await Assert.ThrowsAsync<NotSupportedException>(() => pair.Client.ReadAsync(new byte[1]).AsTask());
        await pair.Server.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, await first);
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        using CancellationTokenSource cancellation = new();
        ValueTask<int> reading = pair.Client.ReadAsync(new byte[10], cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        await pair.Server.WriteAsync("still here"u8.ToArray());
        byte[] buffer = new byte[10];
        await pair.Client.ReadExactlyAsync(buffer);
        Assert.Equal("still here", Encoding.ASCII.GetString(buffer));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_midway_ends_writing_and_says_so()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        using CancellationTokenSource cancellation = new();

        // Nobody reads, so that it ends in the socket's buffer.
        Task writing = pair.Client.WriteAsync(new byte[64 << 20], cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        TlsException failure = await Assert.ThrowsAsync<TlsException>(async () => await pair.Client.WriteAsync(new byte[1]));
        Assert.Equal(TlsFailure.Network, failure.Failure);
    }

    [Fact]
    public async Task A_read_of_zero_bytes_waits_for_data_and_takes_none()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        ValueTask<int> waiting = pair.Client.ReadAsync(Memory<byte>.Empty);
        Assert.False(waiting.IsCompleted);
        await pair.Server.WriteAsync("data"u8.ToArray());
        Assert.Equal(0, await waiting);
        byte[] buffer = new byte[10];
        Assert.Equal(4, await pair.Client.ReadAsync(buffer));
    }

    [Fact]
    public async Task A_closed_side_is_read_to_its_end_while_the_other_goes_on_writing()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await pair.Client.WriteAsync("last"u8.ToArray());
        await pair.Client.CloseWriteAsync();
        await pair.Client.CloseWriteAsync();
        byte[] buffer = new byte[10];
        await pair.Server.ReadExactlyAsync(buffer.AsMemory(0, 4));
        Assert.Equal(0, await pair.Server.ReadAsync(buffer));
        Assert.Equal(0, await pair.Server.ReadAsync(buffer));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Client.WriteAsync(buffer));
        await pair.Server.WriteAsync("answer"u8.ToArray());
        await pair.Client.ReadExactlyAsync(buffer.AsMemory(0, 6));
        await pair.Server.DisposeAsync();
        Assert.Equal(0, await pair.Client.ReadAsync(buffer));
    }

    [Fact]
    public async Task An_end_without_close_notify_is_a_truncation()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await pair.Server.WriteAsync("cut"u8.ToArray());
        pair.ServerSocket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        byte[] buffer = new byte[10];
        Assert.Equal(3, await pair.Client.ReadAsync(buffer));
        TlsException failure = await Assert.ThrowsAsync<TlsException>(() => pair.Client.ReadAsync(buffer).AsTask());
        Assert.Equal(TlsFailure.Truncated, failure.Failure);
        Assert.Equal(TlsFailure.Truncated, (await Assert.ThrowsAsync<TlsException>(() => pair.Client.ReadAsync(buffer).AsTask())).Failure);
    }

    [Fact]
    public async Task A_changed_byte_ends_the_connection_and_the_peer_hears_why()
    {
        Pipe toServer = new(), toClient = new();
        await using Duplex clientEnd = new(toClient.Reader, toServer.Writer), serverEnd = new(toServer.Reader, toClient.Writer);
        await using TlsStream client = new(clientEnd), server = new(serverEnd);
        await Task.WhenAll(client.AuthenticateAsClientAsync(TlsPair.Client1()), server.AuthenticateAsServerAsync(TlsPair.Server1()));
        await client.WriteAsync("right"u8.ToArray());
        byte[] buffer = new byte[10];
        Assert.Equal(5, await server.ReadAsync(buffer));
        clientEnd.Corrupt = true;
        await client.WriteAsync("wrong"u8.ToArray());
        TlsException here = await Assert.ThrowsAsync<TlsException>(() => server.ReadAsync(buffer).AsTask());
        Assert.Equal((TlsFailure.RefusedByUs, AlertDescription.BadRecordMac), (here.Failure, here.Alert));
        TlsException there = await Assert.ThrowsAsync<TlsException>(() => client.ReadAsync(buffer).AsTask());
        Assert.Equal((TlsFailure.RefusedByPeer, AlertDescription.BadRecordMac), (there.Failure, there.Alert));
    }

    [Fact]
    public async Task Blocking_calls_work_as_well()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        pair.Client.Write("blocking"u8.ToArray(), 0, 8);
        byte[] buffer = new byte[8];
        Assert.Equal(8, await Task.Run(() => pair.Server.Read(buffer, 0, 8)));
        pair.Client.Dispose();
        Assert.Equal(0, await pair.Server.ReadAsync(buffer));
    }

    [Fact]
    public async Task Nothing_is_read_or_written_before_the_handshake_or_after_the_end()
    {
        TlsPair pair = await TlsPair.OpenAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.Client.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Client.WriteAsync(new byte[1]));
        Assert.Throws<InvalidOperationException>(() => pair.Client.Info);
        await pair.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pair.Client.ReadAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task Records_of_many_writes_leave_together_in_their_order_and_a_flush_waits_for_them()
    {
        TlsPair plain = await TlsPair.OpenAsync();
        await using TlsStream client = new(plain.ClientSocket) { SendsTogether = true }, server = new(plain.ServerSocket);
        await Task.WhenAll(client.AuthenticateAsClientAsync(TlsPair.Client1()), server.AuthenticateAsServerAsync(TlsPair.Server1()));
        const int total = 2 << 20;
        Task receiving = ReceiveAsync(server, 3, total);
        await SendAsync(client, 3, total, 300_000);
        await client.FlushAsync();
        await receiving.WaitAsync(TimeSpan.FromSeconds(60));

        // One small write on an idle socket goes without being asked.
        await client.WriteAsync("soon"u8.ToArray());
        await server.ReadExactlyAsync(new byte[4]);
        await client.WriteAsync("last"u8.ToArray());
        await client.CloseWriteAsync();
        await server.ReadExactlyAsync(new byte[4]);
        Assert.Equal(0, await server.ReadAsync(new byte[1]));
    }

    private static async Task SendAsync(TlsStream stream, int seed, int total, int updateEvery = int.MaxValue)
    {
        byte[] buffer = new byte[10_007];
        for (int sent = 0, next = updateEvery; sent < total;)
        {
            int count = Math.Min(buffer.Length, total - sent);
            for (int i = 0; i < count; i++)
            {
                buffer[i] = (byte)((sent + i) * seed % 251);
            }

            if (sent >= next)
            {
                next += updateEvery;
                await stream.UpdateKeysAsync(askPeer: true);
            }

            await stream.WriteAsync(buffer.AsMemory(0, count));
            sent += count;
        }
    }

    private static async Task ReceiveAsync(TlsStream stream, int seed, int total)
    {
        byte[] buffer = new byte[7_001];
        for (int received = 0; received < total;)
        {
            int count = await stream.ReadAsync(buffer);
            Assert.NotEqual(0, count);
            for (int i = 0; i < count; i++)
            {
                Assert.True(buffer[i] == (byte)((received + i) * seed % 251), $"byte {received + i}");
            }

            received += count;
        }
    }

    /// <summary>One end of two pipes: a stream that is no socket.</summary>
    private sealed class Duplex(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _reader = reader.AsStream(), _writer = writer.AsStream();

        public bool Corrupt { get; set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            buffer.IsEmpty ? ValueTask.FromResult(0) : _reader.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            byte[] bytes = buffer.ToArray();
            bytes[^1] ^= Corrupt ? (byte)1 : (byte)0;
            return _writer.WriteAsync(bytes, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
