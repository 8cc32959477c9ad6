using Kadath.Primitives;

namespace Kadath.Mainline.Wire;

/// <summary>A part of a datagram; the default value is absence (offset 0 holds the first <c>d</c> of every message).</summary>
internal readonly struct Slice(int start, int length)
{
    private readonly ushort _start = (ushort)start;
    private readonly ushort _length = (ushort)length;

    public bool Present => _start != 0;

    public int Length => _length;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> datagram) => datagram.Slice(_start, _length);
}

/// <summary>
/// A parsed message: slices of its datagram and small numbers. Arguments of queries (<c>a</c>) and values of responses (<c>r</c>) share their
/// fields, since no message has both. A key whose value has the wrong type counts as absent.
/// </summary>
internal ref struct KrpcMessage
{
    private readonly ReadOnlySpan<byte> _datagram;

    public KrpcMessage(ReadOnlySpan<byte> datagram)
    {
        this = default;
        _datagram = datagram;
    }

    public KrpcKind Kind;
    public KrpcMethod Method;
    public KrpcWant Want;
    public KrpcFields Fields;
    public ushort ErrorCode;
    public Slice TransactionSlice, IdSlice, TargetSlice, InfoHashSlice, TokenSlice, NodesSlice, Nodes6Slice, ValuesSlice, ValueSlice;
    public Slice KeySlice, SignatureSlice, SaltSlice, SamplesSlice, SeedsSlice, PeersSlice, VersionSlice, ExternalSlice, ErrorSlice;
    public long Sequence, Cas, Port, Interval, Total;

    /// <summary>The transaction id, 1 to <see cref="KrpcLimits.MaxTransactionId"/> bytes.</summary>
    public readonly ReadOnlySpan<byte> Transaction => TransactionSlice.Of(_datagram);

    /// <summary>The sender's id; check <see cref="HasId"/> first.</summary>
    public readonly Id160 Id => Id160.Read(IdSlice.Of(_datagram));

    public readonly bool HasId => IdSlice.Length == 20;

    /// <summary>The <c>target</c>; check <see cref="HasTarget"/> first.</summary>
    public readonly Id160 Target => Id160.Read(TargetSlice.Of(_datagram));

    public readonly bool HasTarget => TargetSlice.Length == 20;

    /// <summary>The <c>info_hash</c>; check <see cref="HasInfoHash"/> first.</summary>
    public readonly Id160 InfoHash => Id160.Read(InfoHashSlice.Of(_datagram));

    public readonly bool HasInfoHash => InfoHashSlice.Length == 20;

    public readonly ReadOnlySpan<byte> Token => TokenSlice.Of(_datagram);

    /// <summary>Compact IPv4 nodes.</summary>
    public readonly ReadOnlySpan<byte> Nodes => NodesSlice.Of(_datagram);

    /// <summary>Compact IPv6 nodes.</summary>
    public readonly ReadOnlySpan<byte> Nodes6 => Nodes6Slice.Of(_datagram);

    /// <summary>The raw list of compact peers: read it with <see cref="CompactPeers"/>.</summary>
    public readonly ReadOnlySpan<byte> Values => ValuesSlice.Of(_datagram);

    /// <summary>The raw bencoded BEP 44 value, byte for byte as it was sent.</summary>
    public readonly ReadOnlySpan<byte> Value => ValueSlice.Of(_datagram);

    /// <summary>The public key (<c>k</c>).</summary>
    public readonly ReadOnlySpan<byte> PublicKey => KeySlice.Of(_datagram);

    public readonly ReadOnlySpan<byte> Signature => SignatureSlice.Of(_datagram);

    public readonly ReadOnlySpan<byte> Salt => SaltSlice.Of(_datagram);

    /// <summary>Info-hashes, 20 bytes each (BEP 51).</summary>
    public readonly ReadOnlySpan<byte> Samples => SamplesSlice.Of(_datagram);

    /// <summary>The Bloom filter of seeds (BEP 33), or what was sent as such.</summary>
    public readonly ReadOnlySpan<byte> SeedsFilter => SeedsSlice.Of(_datagram);

    /// <summary>The Bloom filter of downloaders (BEP 33), or what was sent as such.</summary>
    public readonly ReadOnlySpan<byte> PeersFilter => PeersSlice.Of(_datagram);

    /// <summary>The top-level <c>v</c>: the peer's client and version.</summary>
    public readonly ReadOnlySpan<byte> Version => VersionSlice.Of(_datagram);

    /// <summary>The top-level <c>ip</c>: our endpoint as the peer sees it, compact.</summary>
    public readonly ReadOnlySpan<byte> External => ExternalSlice.Of(_datagram);

    /// <summary>The text of an error.</summary>
    public readonly ReadOnlySpan<byte> ErrorText => ErrorSlice.Of(_datagram);

    public readonly bool Has(KrpcFields field) => (Fields & field) != 0;
}
