using Kadath.Kademlia;
using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Simulator.Adversaries;

/// <summary>
/// A dishonest node: a true Mainline machine, which joins and keeps its table like any other, behind something that answers the queries of
/// others in its stead.
/// </summary>
internal sealed class Adversary(MainlineDht inner, Coalition coalition, Endpoint local, Id160 joined, IDatagramSink sink) : IDatagramMachine
{
    private const int MostContacts = MainlineConstants.MaxNodesPerReply;

    // Under which id an asker was answered last: a ping must be answered under the same.
    private readonly Dictionary<Endpoint, Id160> _shown = [];

    /// <summary>What joins and refreshes for it.</summary>
    public MainlineDht Inner => inner;

    /// <inheritdoc/>
    public Instant NextDeadline => inner.NextDeadline;

    /// <inheritdoc/>
    public void Wake(Instant now) => inner.Wake(now);

    /// <inheritdoc/>
    public void Receive(int socket, ReadOnlySpan<byte> datagram, in Endpoint from, Instant now)
    {
        if (!coalition.Active || !KrpcParser.TryParse(datagram, out KrpcMessage message) || message.Kind != KrpcKind.Query)
        {
            inner.Receive(socket, datagram, from, now);
            return;
        }

        bool named = message.HasTarget || message.HasInfoHash;
        if (coalition.Behaviour == AdversaryBehaviour.Silent && named)
        {
            return;
        }

        Answer(socket, message, named, from);
    }

    private void Answer(int socket, in KrpcMessage query, bool named, in Endpoint from)
    {
        var writer = new BencodeWriter(sink.Rent(socket)[..KrpcLimits.Payload]);
        ReplyWriter.Begin(ref writer, from);
        if (named && query.Method is not (KrpcMethod.AnnouncePeer or KrpcMethod.Put))
        {
            Id160 target = query.HasTarget ? query.Target : query.InfoHash;
            Id160 id = _shown[from] = IdFor(target, from);
            ReplyWriter.Id(ref writer, id);
            WriteContacts(ref writer, target, from);
            writer.Raw("5:token4:lies"u8);
        }
        else
        {
            ReplyWriter.Id(ref writer, _shown.GetValueOrDefault(from, joined));
        }

        ReplyWriter.End(ref writer, query.Transaction);
        sink.Send(socket, writer.Length, from);
    }

    private Id160 IdFor(in Id160 target, in Endpoint asker) => coalition.Behaviour switch
    {
        AdversaryBehaviour.Collude or AdversaryBehaviour.ColludeLate => Coalition.IdFor(local, joined, target),
        AdversaryBehaviour.Fabricate => coalition.InventedFor(asker, local, joined),
        _ => joined,
    };

    private void WriteContacts(ref BencodeWriter writer, in Id160 target, in Endpoint asker)
    {
        Span<Contact<Id160, Endpoint>> contacts = stackalloc Contact<Id160, Endpoint>[Math.Min(coalition.NodesPerReply, MostContacts)];
        int count = coalition.Name(target, asker, contacts);
        Span<byte> rows = stackalloc byte[MostContacts * KrpcLimits.NodeV4];
        int length = 0;
        foreach (Contact<Id160, Endpoint> contact in contacts[..count])
        {
            if (contact.Handle.IsV4)
            {
                contact.Id.Write(rows[length..]);
                contact.Handle.WriteCompact(rows[(length + 20)..]);
                length += KrpcLimits.NodeV4;
            }
        }

        writer.Raw("5:nodes"u8);
        writer.String(rows[..length]);
    }
}
