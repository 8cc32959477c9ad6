using System.Buffers.Binary;
using Kadath.Kademlia;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Records;

/// <summary>
/// A BEP 44 item as it is kept, in memory and on disk: one byte of kind; of mutable items the sequence number (8 bytes, big-endian), public
/// key (32), signature (64), length of the salt (1) and salt; then the raw bencoded value.
/// </summary>
internal readonly ref struct StoredItem
{
    /// <summary>Bytes of the longest encoding.</summary>
    public const int MaxSize = Header + KrpcLimits.MaxSalt + KrpcLimits.MaxValue;

    private const byte Immutable = 0, MutableKind = 1;
    private const int Header = 1 + 8 + 32 + 64 + 1;

    public bool Mutable { get; private init; }

    public long Sequence { get; private init; }

    public ReadOnlySpan<byte> PublicKey { get; private init; }

    public ReadOnlySpan<byte> Signature { get; private init; }

    public ReadOnlySpan<byte> Salt { get; private init; }

    public ReadOnlySpan<byte> Value { get; private init; }

    /// <summary>Writes an item; a public key makes it mutable. Returns the length.</summary>
    public static int Write(
        Span<byte> into, ReadOnlySpan<byte> value, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> salt, long sequence, ReadOnlySpan<byte> signature)
    {
        if (publicKey.IsEmpty)
        {
            into[0] = Immutable;
            value.CopyTo(into[1..]);
            return 1 + value.Length;
        }

        into[0] = MutableKind;
        BinaryPrimitives.WriteInt64BigEndian(into[1..], sequence);
        publicKey.CopyTo(into[9..]);
        signature.CopyTo(into[41..]);
        into[Header - 1] = (byte)salt.Length;
        salt.CopyTo(into[Header..]);
        value.CopyTo(into[(Header + salt.Length)..]);
        return Header + salt.Length + value.Length;
    }

    /// <summary>Reads an item; false for bytes that <see cref="Write"/> cannot have written.</summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, out StoredItem item)
    {
        item = default;
        if (encoded.IsEmpty || encoded.Length > MaxSize)
        {
            return false;
        }

        if (encoded[0] == Immutable)
        {
            item = new() { Value = encoded[1..] };
            return item.Value.Length is > 0 and <= KrpcLimits.MaxValue;
        }

        if (encoded[0] != MutableKind || encoded.Length <= Header || encoded[Header - 1] > KrpcLimits.MaxSalt || encoded.Length <= Header + encoded[Header - 1])
        {
            return false;
        }

        int salt = encoded[Header - 1];
        item = new()
        {
            Mutable = true,
            Sequence = BinaryPrimitives.ReadInt64BigEndian(encoded[1..]),
            PublicKey = encoded.Slice(9, 32),
            Signature = encoded.Slice(41, 64),
            Salt = encoded.Slice(Header, salt),
            Value = encoded[(Header + salt)..],
        };
        return item.Sequence >= 0 && item.Value.Length <= KrpcLimits.MaxValue;
    }
}

/// <summary>
/// BEP 44's rule for what takes the place of what: a higher sequence number replaces, the same with the same value refreshes, everything else
/// is refused. With <see cref="Cas"/>, only the expected sequence number may be replaced.
/// </summary>
internal struct ItemSelector : IValueSelector<Id160>
{
    /// <summary>The sequence number that the writer expects, if it does.</summary>
    public long? Cas;

    /// <summary>Why the item was refused.</summary>
    public KrpcError Error { get; private set; }

    /// <inheritdoc/>
    public bool Admit(in Id160 key, ReadOnlySpan<byte> offered) => true;

    /// <inheritdoc/>
    public ValueChoice Select(in Id160 key, ReadOnlySpan<byte> held, ReadOnlySpan<byte> offered)
    {
        // Both were written by us; an immutable and a mutable item under one target would be a collision of SHA-1, and the first one stays.
        if (!StoredItem.TryRead(held, out StoredItem old) || !StoredItem.TryRead(offered, out StoredItem item) || old.Mutable != item.Mutable)
        {
            return Refuse(KrpcError.Generic);
        }

        if (!item.Mutable)
        {
            return item.Value.SequenceEqual(old.Value) ? ValueChoice.Refresh : Refuse(KrpcError.Generic);
        }

        if (Cas is { } expected && expected != old.Sequence)
        {
            return Refuse(KrpcError.CasMismatch);
        }

        if (item.Sequence > old.Sequence)
        {
            return ValueChoice.Replace;
        }

        return item.Sequence == old.Sequence && item.Value.SequenceEqual(old.Value) ? ValueChoice.Refresh : Refuse(KrpcError.SequenceTooLow);
    }

    private ValueChoice Refuse(KrpcError error)
    {
        Error = error;
        return ValueChoice.Refuse;
    }
}
