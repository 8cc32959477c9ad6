using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Fuzz.Mainline;

public sealed class KrpcFuzz
{
    [Fact]
    public void The_parser_takes_only_whole_bencode_and_its_slices_can_be_read()
    {
        Mutator mutator = new(FuzzRun.Stream(2), KrpcCorpus.All);
        int parsed = 0, rounds = 300_000 * FuzzRun.Factor;
        long sum = 0;
        for (int round = 0; round < rounds; round++)
        {
            byte[] data = mutator.Next();
            if (!KrpcParser.TryParse(data, out KrpcMessage message))
            {
                continue;
            }

            parsed++;
            var reader = new BencodeReader(data);
            Assert.True(reader.TrySkip() && reader.AtEnd, Convert.ToHexStringLower(data));
            Assert.InRange(message.Transaction.Length, 1, KrpcLimits.MaxTransactionId);
            sum += Read(message);
        }

        Assert.True(parsed > rounds / 5 && parsed < rounds * 4 / 5, $"the inputs say too little: {parsed} of {rounds} parsed, {sum}");
    }

    private static long Read(in KrpcMessage message)
    {
        long sum = message.Transaction[0] + message.Token.Length + message.Value.Length + message.PublicKey.Length + message.Signature.Length + message.Salt.Length
            + message.Samples.Length + message.SeedsFilter.Length + message.PeersFilter.Length + message.Version.Length + message.ErrorText.Length + message.External.Length;
        sum += message.HasId ? (long)message.Id.High : 0;
        sum += message.HasTarget ? (long)message.Target.High : 0;
        sum += message.HasInfoHash ? (long)message.InfoHash.High : 0;
        var peers = new CompactPeers(message.Values);
        while (peers.TryNext(out Endpoint peer))
        {
            Assert.True(peer.Port != 0);
            sum++;
        }

        foreach (bool v6 in (ReadOnlySpan<bool>)[false, true])
        {
            var nodes = new CompactNodes(v6 ? message.Nodes6 : message.Nodes, v6);
            while (nodes.TryNext(out var contact))
            {
                Assert.Equal(v6, contact.Handle.IsV6);
                sum++;
            }
        }

        return sum;
    }
}
