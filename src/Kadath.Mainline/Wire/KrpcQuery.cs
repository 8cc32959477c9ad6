using System.Buffers.Binary;
using Kadath.Primitives;

namespace Kadath.Mainline.Wire;

/// <summary>A query of ours. Only the members that its method knows are written.</summary>
internal ref struct KrpcQuery
{
    public required KrpcMethod Method;

    /// <summary>
    /// The target (find_node, get, sample_infohashes) or info-hash (get_peers, announce_peer). A put carries it, too, where it fits: BEP 44
    /// asks for none, but the Rust nodes (pubky) drop a put without, and nobody minds it. Zero leaves it out of a put.
    /// </summary>
    public Id160 Target;

    /// <summary>Families of nodes to ask for (BEP 32); none leaves it to the peer, which sends those of the transport.</summary>
    public KrpcWant Want;

    /// <summary>announce_peer and put: the token that the same node gave.</summary>
    public ReadOnlySpan<byte> Token;

    /// <summary>announce_peer: our port, and whether the peer shall take the datagram's source port instead.</summary>
    public ushort Port;
    public bool ImpliedPort;
    public bool Seed;

    /// <summary>get_peers (BEP 33).</summary>
    public bool NoSeed;
    public bool Scrape;

    /// <summary>
    /// get: only if newer than this. put of a mutable item: its sequence number. put of an immutable one: none at first (mldht answers 203 to
    /// one), but 0 where that was answered with 203 (anacrolix).
    /// </summary>
    public long? Sequence;

    /// <summary>put (BEP 44).</summary>
    public long? Cas;
    public ReadOnlySpan<byte> PublicKey;
    public ReadOnlySpan<byte> Salt;
    public ReadOnlySpan<byte> Signature;
    public ReadOnlySpan<byte> Value;

    /// <summary>Writes the query; returns its length, or 0 if it does not fit.</summary>
    public readonly int Encode(Span<byte> buffer, in Id160 self, uint transaction, bool readOnly)
    {
        if (Method != KrpcMethod.Put)
        {
            return Encode(buffer[..Math.Min(buffer.Length, KrpcLimits.Payload)], self, transaction, readOnly, putTarget: false);
        }

        buffer = buffer[..Math.Min(buffer.Length, KrpcLimits.ItemPayload)];
        int length = Encode(buffer, self, transaction, readOnly, putTarget: Target != default);
        return length != 0 ? length : Encode(buffer, self, transaction, readOnly, putTarget: false);
    }

    private readonly int Encode(Span<byte> buffer, in Id160 self, uint transaction, bool readOnly, bool putTarget)
    {
        var writer = new BencodeWriter(buffer);
        writer.Raw("d1:ad"u8);
        if (Method == KrpcMethod.Put && Cas is { } cas)
        {
            writer.Raw("3:cas"u8);
            writer.Integer(cas);
        }

        ReplyWriter.Id(ref writer, self);
        switch (Method)
        {
            case KrpcMethod.FindNode or KrpcMethod.SampleInfohashes:
                WriteId(ref writer, "6:target20:"u8, Target);
                WriteWant(ref writer);
                break;
            case KrpcMethod.GetPeers:
                WriteId(ref writer, "9:info_hash20:"u8, Target);
                writer.Raw(NoSeed ? "6:noseedi1e"u8 : default);
                writer.Raw(Scrape ? "6:scrapei1e"u8 : default);
                WriteWant(ref writer);
                break;
            case KrpcMethod.AnnouncePeer:
                WriteAnnounce(ref writer);
                break;
            case KrpcMethod.Get:
                WriteSequence(ref writer);
                WriteId(ref writer, "6:target20:"u8, Target);
                WriteWant(ref writer);
                break;
            case KrpcMethod.Put:
                WritePut(ref writer, putTarget);
                break;
        }

        writer.Raw("e1:q"u8);
        writer.String(NameOf(Method));
        writer.Raw(readOnly ? "2:roi1e1:t4:"u8 : "1:t4:"u8);
        Span<byte> id = writer.Take(4);
        writer.Raw(ReplyWriter.VersionToken);
        writer.Raw("qe"u8);
        if (writer.Overflowed)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt32BigEndian(id, transaction);
        return writer.Length;
    }

    private readonly void WriteAnnounce(ref BencodeWriter writer)
    {
        writer.Raw(ImpliedPort ? "12:implied_porti1e"u8 : default);
        WriteId(ref writer, "9:info_hash20:"u8, Target);
        writer.Raw("4:port"u8);
        writer.Integer(Port);
        writer.Raw(Seed ? "4:seedi1e"u8 : default);
        writer.Raw("5:token"u8);
        writer.String(Token);
    }

    private readonly void WritePut(ref BencodeWriter writer, bool putTarget)
    {
        if (!PublicKey.IsEmpty)
        {
            writer.Raw("1:k"u8);
            writer.String(PublicKey);
            if (!Salt.IsEmpty)
            {
                writer.Raw("4:salt"u8);
                writer.String(Salt);
            }
        }

        WriteSequence(ref writer);
        if (!PublicKey.IsEmpty)
        {
            writer.Raw("3:sig"u8);
            writer.String(Signature);
        }

        if (putTarget)
        {
            WriteId(ref writer, "6:target20:"u8, Target);
        }

        writer.Raw("5:token"u8);
        writer.String(Token);
        writer.Raw("1:v"u8);
        writer.Raw(Value);
    }

    private readonly void WriteSequence(ref BencodeWriter writer)
    {
        if (Sequence is { } sequence)
        {
            writer.Raw("3:seq"u8);
            writer.Integer(sequence);
        }
    }

    private readonly void WriteWant(ref BencodeWriter writer) => writer.Raw(Want switch
    {
        KrpcWant.V4 => "4:wantl2:n4e"u8,
        KrpcWant.V6 => "4:wantl2:n6e"u8,
        KrpcWant.V4 | KrpcWant.V6 => "4:wantl2:n42:n6e"u8,
        _ => default,
    });

    private static void WriteId(ref BencodeWriter writer, scoped ReadOnlySpan<byte> key, in Id160 id)
    {
        writer.Raw(key);
        Span<byte> bytes = writer.Take(20);
        if (!bytes.IsEmpty)
        {
            id.Write(bytes);
        }
    }

    private static ReadOnlySpan<byte> NameOf(KrpcMethod method) => method switch
    {
        KrpcMethod.Ping => "ping"u8,
        KrpcMethod.FindNode => "find_node"u8,
        KrpcMethod.GetPeers => "get_peers"u8,
        KrpcMethod.AnnouncePeer => "announce_peer"u8,
        KrpcMethod.Get => "get"u8,
        KrpcMethod.Put => "put"u8,
        KrpcMethod.SampleInfohashes => "sample_infohashes"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };
}
