namespace Kadath.Tls;

/// <summary>The keys that a client offers (RFC 9846 section 4.2.11): identities, the ages it tells, and binders, copied as pauses follow.</summary>
internal sealed class PskOffer
{
    public List<ReadOnlyMemory<byte>> Identities { get; } = [];

    public List<uint> Ages { get; } = [];

    public List<ReadOnlyMemory<byte>> Binders { get; } = [];

    /// <summary>Bytes at the end of the ClientHello that the binders do not cover: themselves, with their length.</summary>
    public int BindersLength { get; private set; }

    /// <summary>Whether the client takes keys with a fresh key exchange (psk_dhe_ke), the only way that is supported.</summary>
    public bool TakesTickets { get; private set; }

    /// <summary>Reads both extensions; without them the offer is empty.</summary>
    public static bool TryRead(Extensions extensions, out PskOffer offer, out AlertDescription alert)
    {
        offer = new();
        alert = AlertDescription.DecodeError;
        if (extensions.TryGet(ExtensionType.PskKeyExchangeModes, out var data))
        {
            WireReader modes = new(data);
            if (!modes.TryReadVector8(out var list) || !modes.AtEnd || list.IsEmpty)
            {
                return false;
            }

            offer.TakesTickets = list.Contains((byte)1);
        }

        if (!extensions.TryGet(ExtensionType.PreSharedKey, out data))
        {
            return true;
        }

        WireReader reader = new(data);
        if (!reader.TryReadVector16(out var identities) || !reader.TryReadVector16(out var binders) || !reader.AtEnd || identities.IsEmpty || binders.IsEmpty)
        {
            return false;
        }

        offer.BindersLength = 2 + binders.Length;
        return offer.ReadIdentities(identities, out var count) && offer.ReadBinders(binders, count, out alert);
    }

    private bool ReadIdentities(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        for (WireReader reader = new(bytes); !reader.AtEnd; count++)
        {
            if (!reader.TryReadVector16(out var identity) || identity.IsEmpty || !reader.TryReadUInt32(out var age))
            {
                return false;
            }

            if (count < SessionNeeded.MaxIdentities)
            {
                Identities.Add(identity.ToArray());
                Ages.Add(age);
            }
        }

        return true;
    }

    private bool ReadBinders(ReadOnlySpan<byte> bytes, int identities, out AlertDescription alert)
    {
        alert = AlertDescription.DecodeError;
        var count = 0;
        for (WireReader reader = new(bytes); !reader.AtEnd; count++)
        {
            if (!reader.TryReadVector8(out var binder) || binder.Length < 32)
            {
                return false;
            }

            if (count < SessionNeeded.MaxIdentities)
            {
                Binders.Add(binder.ToArray());
            }
        }

        // One binder per identity.
        alert = AlertDescription.IllegalParameter;
        return count == identities;
    }
}
