using System.Text;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Support;

/// <summary>A peer played by the test: sends queries to one machine and waits for the reply.</summary>
internal sealed class TestPeer
{
    public static readonly Id160 Id = Id160.Read("abcdefghij0123456789"u8);

    private readonly TestNetwork _network;
    private readonly TestMachine _machine;
    private byte[] _reply = [];

    public TestPeer(TestNetwork network, TestMachine machine, string endpoint)
    {
        Assert.True(Endpoint.TryParse(endpoint, out Endpoint own));
        (_network, _machine, Endpoint) = (network, machine, own);
        network.Play(own, (_, datagram) => _reply = KrpcParser.TryParse(datagram, out KrpcMessage message) && message.Kind != KrpcKind.Query ? datagram : _reply);
    }

    public Endpoint Endpoint { get; }

    /// <summary>The reply, or nothing after 30 ms.</summary>
    public byte[] Ask(string query) => Ask(Encoding.Latin1.GetBytes(query));

    /// <summary>The reply, or nothing after 30 ms.</summary>
    public byte[] Ask(in KrpcQuery query, bool readOnly = true)
    {
        byte[] buffer = new byte[1500];
        return Ask(buffer[..query.Encode(buffer, Id, 0x61626364, readOnly)]);
    }

    /// <summary>The reply, or nothing after 30 ms.</summary>
    public byte[] Ask(byte[] query)
    {
        _reply = [];
        _network.Fly(Endpoint, _machine.Endpoints.First(e => e.IsV4 == Endpoint.IsV4), query);
        _network.Run(TimeSpan.FromMilliseconds(30));
        return _reply;
    }

    /// <summary>The reply, which must be a canonical response within the limits.</summary>
    public KrpcMessage Expect(byte[] reply)
    {
        Assert.NotEmpty(reply);
        Assert.True(BencodeReader.IsCanonical(reply), Encoding.Latin1.GetString(reply));
        Assert.True(KrpcParser.TryParse(reply, out KrpcMessage message));
        Assert.True(message.Kind == KrpcKind.Response, Encoding.Latin1.GetString(reply));
        Assert.True(Kadath.Primitives.Endpoint.TryReadCompact(message.External, out Endpoint external) && external == Endpoint);
        Assert.InRange(reply.Length, 1, message.ValueSlice.Present ? 1399 : 1024);
        return message;
    }

    /// <summary>The code of the reply, which must be an error; 0 for silence.</summary>
    public static int ErrorOf(byte[] reply)
    {
        if (reply.Length == 0)
        {
            return 0;
        }

        Assert.True(KrpcParser.TryParse(reply, out KrpcMessage message));
        return message.Kind == KrpcKind.Error ? message.ErrorCode : -1;
    }

    /// <summary>The token for a target.</summary>
    public byte[] Token(in Id160 target, KrpcMethod method = KrpcMethod.GetPeers) => Expect(Ask(new KrpcQuery { Method = method, Target = target })).Token.ToArray();
}
