using Kadath.Crypto;
using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

public sealed class ConnectionTests
{
    [Fact]
    public void Both_sides_export_the_same_keying_material_and_other_labels_give_other()
    {
        using var pair = Established();
        Assert.Equal(Export(pair.Client, "EXPORTER-Channel-Binding"), Export(pair.Server, "EXPORTER-Channel-Binding"));
        Assert.NotEqual(Export(pair.Client, "EXPORTER-Channel-Binding"), Export(pair.Client, "EXPERIMENTAL other"));

        static byte[] Export(TlsSide side, string label)
        {
            var output = new byte[100];
            side.Connection.Handshake.Export(System.Text.Encoding.ASCII.GetBytes(label), [], output);
            return output;
        }
    }

    [Fact]
    public void Released_buffers_hold_nothing_and_come_back_when_needed_but_output_that_waits_stays()
    {
        using var pair = Established();
        pair.Exchange(new byte[5000], new byte[5000]);
        Assert.True(pair.Client.Connection.BufferBytes > 5000);
        pair.Client.Connection.ReleaseBuffers();
        Assert.Equal(0, pair.Client.Connection.BufferBytes);
        var (atServer, _) = pair.Exchange("again"u8, "back"u8);
        Assert.Equal("again"u8, atServer);

        pair.Client.Connection.Write("waits"u8, pair.Client.Now);
        var waiting = pair.Client.Connection.Output.Length;
        pair.Client.Connection.ReleaseBuffers();
        Assert.Equal(waiting, pair.Client.Connection.Output.Length);
    }

    [Fact]
    public void Nothing_is_exported_before_the_handshake_is_complete()
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        Assert.Throws<InvalidOperationException>(() => pair.Client.Connection.Handshake.Export("EXPORTER-x"u8, [], new byte[32]));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Keys_are_updated_by_either_side_and_data_goes_on(bool askPeer)
    {
        using var pair = Established();
        for (var round = 0; round < 3; round++)
        {
            pair.Client.Connection.UpdateKeys(askPeer);
            pair.Server.Connection.UpdateKeys(askPeer);
            var (atServer, atClient) = pair.Exchange("there"u8, "back"u8);
            Assert.Equal("there"u8, atServer);
            Assert.Equal("back"u8, atClient);
        }

        var updates = pair.Client.Events.OfType<TlsEvent.KeysUpdated>().ToArray();
        Assert.Equal(askPeer ? 6 : 3, updates.Count(update => update.Direction == TrafficDirection.Send));
    }

    [Fact]
    public void Keys_are_updated_by_bytes_and_by_age()
    {
        var client = Setup.Client(NamedGroup.X25519);
        using var pair = new TlsPair(client with { Policy = client.Policy with { KeyUpdateBytes = 40_000 } }, Setup.Server(), Setup.Raw());
        pair.Run();
        var data = new byte[100_000];
        Assert.Equal(data, pair.Exchange(data, "x"u8).AtServer);
        Assert.Equal(2, pair.Server.Events.OfType<TlsEvent.KeysUpdated>().Count());

        pair.Server.Now += TimeSpan.FromHours(1);
        Assert.Equal("old"u8, pair.Exchange("x"u8, "old"u8).AtClient);
        Assert.Single(pair.Client.Events.OfType<TlsEvent.KeysUpdated>(), update => update.Direction == TrafficDirection.Receive);
    }

    [Fact]
    public void A_flood_of_key_updates_ends_the_connection()
    {
        using var pair = Established();
        for (var i = 0; i < 33; i++)
        {
            pair.Client.Connection.UpdateKeys(askPeer: true);
        }

        pair.Run();
        Assert.Equal(AlertDescription.UnexpectedMessage, pair.Server.Connection.Fault!.Alert);
        Assert.True(pair.Server.Events.OfType<TlsEvent.KeysUpdated>().Count(update => update.Direction == TrafficDirection.Send) <= 1);
    }

    [Fact]
    public void A_flood_of_empty_records_ends_the_connection()
    {
        using var pair = Established();
        var records = (RecordLayer)pair.Client.Connection.Handshake.Sink;
        for (var i = 0; i < 33; i++)
        {
            records.WriteData([]);
        }

        pair.Run();
        Assert.Equal(AlertDescription.UnexpectedMessage, pair.Server.Connection.Fault!.Alert);
    }

    [Fact]
    public void Each_side_closes_for_itself()
    {
        using var pair = Established();
        pair.Client.Connection.CloseWrite();
        pair.Run();
        Assert.True(pair.Server.Connection.IsReadClosed);
        Assert.False(pair.Client.Connection.IsReadClosed);
        Assert.Throws<InvalidOperationException>(() => pair.Client.Connection.Write("more"u8, pair.Client.Now));
        pair.Server.Connection.Write("still here"u8, pair.Server.Now);
        pair.Server.Connection.CloseWrite();
        pair.Run();
        Assert.Equal("still here"u8, pair.Client.Data.ToArray());
        Assert.True(pair.Client.Connection.IsReadClosed);
        Assert.Null(pair.Client.Connection.Fault);
    }

    [Fact]
    public void Records_keep_to_the_limit_that_the_peer_set()
    {
        var longest = 0;
        using var pair = new TlsPair(
            Setup.Client(NamedGroup.X25519) with { Transport = new() { RecordSizeLimit = 100 } },
            Setup.Server() with { Transport = new() { RecordSizeLimit = 16385 } },
            Setup.Raw());
        pair.Wire = (bytes, toServer) =>
        {
            for (var at = 0; !toServer && at < bytes.Length; at += 5 + (bytes[at + 3] << 8 | bytes[at + 4]))
            {
                longest = bytes[at] == 23 ? Math.Max(longest, (bytes[at + 3] << 8 | bytes[at + 4]) - 16) : longest;
            }

            return bytes;
        };
        pair.Run();
        var data = new byte[5000];
        Assert.Equal(data, pair.Exchange(data, data).AtClient);
        Assert.Equal(100, longest);
    }

    [Fact]
    public void A_record_over_the_limit_that_we_set_ends_the_connection()
    {
        using var pair = new TlsPair(
            Setup.Client(NamedGroup.X25519) with { Transport = new() { RecordSizeLimit = 16385 } },
            Setup.Server() with { Transport = new() { RecordSizeLimit = 200 } },
            Setup.Raw());
        pair.Run();
        pair.Client.Connection.Handshake.PeerRecordLimit = 16384;
        pair.Client.Connection.Write(new byte[200], pair.Client.Now);
        pair.Run();
        Assert.Equal(AlertDescription.RecordOverflow, pair.Server.Connection.Fault!.Alert);
    }

    [Fact]
    public void Padding_hides_lengths()
    {
        var client = Setup.Client(NamedGroup.X25519);
        List<int> lengths = [];
        using var pair = new TlsPair(client with { Policy = client.Policy with { PadTo = 256 } }, Setup.Server(), Setup.Raw());
        pair.Run();
        pair.Wire = (bytes, toServer) =>
        {
            if (toServer && bytes.Length > 0)
            {
                lengths.Add(bytes.Length);
            }

            return bytes;
        };
        Assert.Equal("a"u8, pair.Exchange("a"u8, "x"u8).AtServer);
        Assert.Equal(new byte[256], pair.Exchange(new byte[256], "x"u8).AtServer);
        Assert.Single(lengths.Distinct());
    }

    [Fact]
    public void A_connection_at_work_allocates_nothing()
    {
        using var pair = Established();
        var input = new byte[2 * TlsConnection.MaxRecordBytes];
        var data = new byte[10_000];
        Send(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Send(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Send(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                pair.Client.Connection.Write(data, pair.Client.Now);
                var output = pair.Client.Connection.Output.Span;
                output.CopyTo(input);
                pair.Client.Connection.Sent(output.Length);
                Assert.True(pair.Server.Connection.Receive(input.AsSpan(0, output.Length), pair.Server.Now) is { Kind: TlsReadKind.ApplicationData, Length: 10_000 });
            }
        }
    }

    [Fact]
    public void A_record_that_was_touched_ends_the_connection()
    {
        using var pair = Established();
        pair.Wire = (bytes, _) =>
        {
            if (bytes.Length > 20)
            {
                bytes[^1] ^= 1;
            }

            return bytes;
        };
        pair.Client.Connection.Write("data"u8, pair.Client.Now);
        pair.Run();
        Assert.Equal(AlertDescription.BadRecordMac, pair.Server.Connection.Fault!.Alert);
        Assert.Empty(pair.Server.Data);
    }

    [Fact]
    public void Secrets_are_logged_only_on_demand_and_both_sides_log_the_same()
    {
        using var quiet = Established();
        Assert.DoesNotContain(quiet.Client.Events, fact => fact is TlsEvent.SecretLogged);
        using var pair = new TlsPair(
            Setup.Client(NamedGroup.X25519) with { Transport = new() { LogSecrets = true } }, Setup.Server() with { Transport = new() { LogSecrets = true } }, Setup.Raw());
        pair.Run();
        var (client, server) = (Log(pair.Client), Log(pair.Server));
        Assert.Equal(5, client.Count);
        Assert.Equal(client, server);

        static List<string> Log(TlsSide side) =>
            [.. side.Events.OfType<TlsEvent.SecretLogged>().Select(fact => $"{fact.Label} {Convert.ToHexString(fact.ClientRandom.Span)} {Convert.ToHexString(fact.Secret.Span)}")];
    }

    private static TlsPair Established()
    {
        TlsPair pair = new(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Run();
        return pair;
    }
}
