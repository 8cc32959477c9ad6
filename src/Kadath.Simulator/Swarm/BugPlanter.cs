using Kadath.Kademlia;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Simulator.Swarm;

/// <summary>Plants one mistake into what the machines of a network send.</summary>
internal sealed class BugPlanter(KademliaNetwork network, PlantedBug bug)
{
    // Rare enough that the network works, often enough that a short run meets it.
    private const int OneIn = 97;

    private int _replies;

    /// <summary>Whether a node's wake-up is passed over.</summary>
    public bool PassesOver(int node) => bug == PlantedBug.SleepsOn && node == 3;

    /// <summary>Changes the datagram in the slot before it leaves; returns its new length.</summary>
    public int Change(int node, Span<byte> slot, int length)
    {
        Span<byte> bytes = slot[..length];
        if (!bytes.EndsWith("1:y1:re"u8) || ++_replies % OneIn != 0)
        {
            return length;
        }

        RoutingTable<Id160, Endpoint> table = network.MachineOf(node)!.TableOf(0);
        switch (bug)
        {
            case PlantedBug.WrongTransaction:
                bytes[bytes.LastIndexOf("e1:t"u8) + 6] ^= 1;
                break;
            case PlantedBug.WrongId:
                bytes[bytes.IndexOf("2:id20:"u8) + 7] ^= 1;
                break;
            case PlantedBug.CutShort:
                return length - 1;
            case PlantedBug.Oversized:
                return Swell(slot, length);
            case PlantedBug.DropsContacts:
                Drop(table);
                break;
            case PlantedBug.EmptiesTable:
                table.Clear();
                break;
        }

        return length;
    }

    /// <summary>Whether what was just sent is sent once more.</summary>
    public bool Repeats(ReadOnlySpan<byte> sent) => _replies % OneIn == 0 && bug switch
    {
        PlantedBug.AnswersTwice => sent.EndsWith("1:y1:re"u8),
        _ => false,
    };

    /// <summary>A reply that nobody asked for, written over a query that was just sent; 0 for none.</summary>
    public int Unasked(Span<byte> slot, int length)
    {
        if (bug != PlantedBug.AnswersUnasked || !slot[..length].EndsWith("1:y1:qe"u8) || ++_replies % OneIn != 0)
        {
            return 0;
        }

        slot[length - 2] = (byte)'r';
        return length;
    }

    private static int Swell(Span<byte> slot, int length)
    {
        // Samples in front of the transaction id: what nobody asked for is passed over by parsers.
        int at = slot[..length].LastIndexOf("e1:t"u8);
        ReadOnlySpan<byte> more = "7:samples1000:"u8;
        int added = more.Length + 1000;
        if (length + added > slot.Length)
        {
            return length;
        }

        slot[at..length].CopyTo(slot[(at + added)..]);
        more.CopyTo(slot[at..]);
        slot.Slice(at + more.Length, 1000).Clear();
        return length + added;
    }

    private void Drop(RoutingTable<Id160, Endpoint> table)
    {
        var views = new ContactView<Id160, Endpoint>[1];
        if (table.CopyContacts(0, views) == 1)
        {
            for (int fails = 0; fails < 10; fails++)
            {
                table.Failed(views[0].Contact.Id, views[0].Contact.Handle, RpcFailure.TimedOut, network.Now);
            }
        }
    }
}
