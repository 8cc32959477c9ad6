using Kadath.Mainline.Wire;

namespace Kadath.Mainline.Operations;

/// <summary>
/// The write tokens that the nodes of one lookup have given, each in a slot of its own; the slot's number travels through the lookup as the
/// opaque ticket of the answer.
/// </summary>
internal sealed class TokenPool
{
    private const int Slot = KrpcLimits.MaxToken + 1;

    private byte[] _bytes = new byte[16 * Slot];
    private int _count;

    /// <summary>The ticket of an answer without a token.</summary>
    public const ulong None = 0;

    /// <summary>Keeps a token and returns its ticket; <see cref="None"/> for an empty one or one that is too long.</summary>
    public ulong Add(ReadOnlySpan<byte> token)
    {
        if (token.IsEmpty || token.Length > KrpcLimits.MaxToken)
        {
            return None;
        }

        if ((_count + 1) * Slot > _bytes.Length)
        {
            Array.Resize(ref _bytes, 2 * _bytes.Length);
        }

        Span<byte> slot = _bytes.AsSpan(_count * Slot, Slot);
        slot[0] = (byte)token.Length;
        token.CopyTo(slot[1..]);
        return (ulong)++_count;
    }

    /// <summary>The token of a ticket; empty for <see cref="None"/>.</summary>
    public ReadOnlySpan<byte> this[ulong ticket]
    {
        get
        {
            if (ticket == None || ticket > (ulong)_count)
            {
                return default;
            }

            ReadOnlySpan<byte> slot = _bytes.AsSpan(((int)ticket - 1) * Slot, Slot);
            return slot.Slice(1, slot[0]);
        }
    }

    /// <summary>Forgets all tokens.</summary>
    public void Clear() => _count = 0;
}
