using Kadath.Primitives;

namespace Kadath.Kademlia;

public sealed partial class LookupMachine<TId, THandle>
{
    private int _read;

    /// <summary>Peers that have answered.</summary>
    public int AnswerCount => _answers.Count;

    /// <summary>The sum so far, or the final one.</summary>
    public LookupReport Report => new(_end, Hops(), _messages, _answers.Count, _failed, _hedged, _late, _latest - _started);

    /// <summary>The next answer in the order in which they came, once each: the stream of results.</summary>
    public bool TryReadAnswer(out LookupAnswer<TId, THandle> answer)
    {
        bool any = _read < _answers.Count;
        answer = any ? AnswerOf(_answers[_read++]) : default;
        return any;
    }

    /// <summary>The closest nodes that answered, nearest first, at most k; returns how many were written.</summary>
    public int Closest(Span<LookupAnswer<TId, THandle>> destination) => Closest(destination, holders: false);

    /// <summary>The closest nodes that answered and that the policy accepts as holders of a store, nearest first, at most k.</summary>
    public int Holders(Span<LookupAnswer<TId, THandle>> destination) => Closest(destination, holders: true);

    /// <summary>Who was asked and what became of it, in the order of asking; returns how many were written.</summary>
    public int Outcomes(Span<LookupOutcome<TId, THandle>> destination)
    {
        int count = Math.Min(destination.Length, _asked.Count);
        for (int i = 0; i < count; i++)
        {
            ref Node node = ref _nodes[_asked[i]];
            destination[i] = new(
                node.Contact, node.State, node.Failure, RoundTripOf(node), node.Depth, node.AskedPath, node.Given,
                node.Referrer < 0 ? -1 : _asked.IndexOf((ushort)node.Referrer));
        }

        return count;
    }

    private int Closest(Span<LookupAnswer<TId, THandle>> destination, bool holders)
    {
        int count = 0, bound = _options is null ? 0 : Math.Min(destination.Length, _options.Width);
        for (int i = 0; i < _order.Count && count < bound; i++)
        {
            if (_nodes[_order[i]].State == LookupPeerState.Answered)
            {
                LookupAnswer<TId, THandle> answer = AnswerOf(_order[i]);
                if (!holders || _policy.AcceptsHolder(answer))
                {
                    destination[count++] = answer;
                }
            }
        }

        return count;
    }

    private int Hops()
    {
        int hops = 0, seen = 0;
        for (int i = 0; i < _order.Count && seen < _options.Width; i++)
        {
            ref Node node = ref _nodes[_order[i]];
            if (node.State == LookupPeerState.Answered)
            {
                hops = Math.Max(hops, node.Depth);
                seen++;
            }
        }

        return hops;
    }

    private LookupAnswer<TId, THandle> AnswerOf(int index)
    {
        ref Node node = ref _nodes[index];
        return new(node.Contact, RoundTripOf(node), node.Ticket, node.Depth, node.Plain);
    }

    private static TimeSpan? RoundTripOf(in Node node) =>
        node.State == LookupPeerState.Answered && node.RoundTrip >= 0 ? TimeSpan.FromTicks(node.RoundTrip) : null;
}
