using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Queries;

public sealed class SaturationTests
{
    private static readonly Endpoint Flood = Endpoint.V4(0x20000001, 7000);

    private readonly QuietEffects _effects = new();
    private readonly MainlineDht _machine;
    private readonly byte[] _query = new byte[200];
    private readonly int _length;
    private Instant _now = Instant.FromSeconds(5000);

    public SaturationTests()
    {
        _machine = new(new(), EntropyTree.FromSeed(1), _effects);
        _machine.AddSocket(Endpoint.V4(0x05060708, 6881), AddressScope.Global, null, _now);
        _length = new KrpcQuery { Method = KrpcMethod.FindNode, Target = TestPeer.Id }.Encode(_query, TestPeer.Id, 1, readOnly: true);
    }

    [Fact]
    public void While_there_is_capacity_nobody_is_refused_however_much_it_asks()
    {
        (double flood, double others) = Run(seconds: 5, saturated: false);
        Assert.Equal((1.0, 1.0), (flood, others));
    }

    [Fact]
    public void When_it_is_saturated_a_flood_is_cut_and_everybody_else_is_served()
    {
        Run(seconds: 5, saturated: true);
        (double flood, double others) = Run(seconds: 5, saturated: true);
        Assert.True(flood < 0.5, $"{flood:0.00} of the flood was served");
        Assert.True(others > 0.95, $"{others:0.00} of the others were served");
        Run(seconds: 20, saturated: false);
        Assert.Equal((1.0, 1.0), Run(seconds: 5, saturated: false));
    }

    /// <summary>20,000 queries a second from one address, 200 from 200 others; returns the served shares. The node has room for 5,000.</summary>
    private (double Flood, double Others) Run(int seconds, bool saturated)
    {
        int flood = 0, others = 0, steps = seconds * 200;
        for (int step = 0; step < steps; step++)
        {
            _now += TimeSpan.FromMilliseconds(5);
            int served = 0;
            for (int i = 0; i < 100; i++)
            {
                served += Ask(Flood);
            }

            flood += served;
            others += Ask(Endpoint.V4(0x30000001 + ((uint)(step % 200) << 16), 7000));
            _machine.ReceivedBatch(saturated && served > 25 ? 64 : 10, 64, _now);
        }

        return (flood / (100.0 * steps), others / (double)steps);
    }

    private int Ask(in Endpoint from)
    {
        long before = _effects.Sent;
        _machine.Receive(0, _query.AsSpan(0, _length), from, _now);
        return (int)(_effects.Sent - before);
    }
}
