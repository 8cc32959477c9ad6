using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>
/// Contacts that lived and were given up for their silence: a few are remembered, since where a network fell apart they are the only way to
/// its other part. They are asked now and then (<see cref="Maintenance{TId,THandle}"/>), and enter the table anew if they answer.
/// </content>
public sealed partial class RoutingTable<TId, THandle>
{
    // One of them that answers brings all others back; the newest are kept, so that after a split they are of the part that is missed.
    private const int MostLost = 8;

    private byte[] _lost = [];
    private byte _lostCount;
    private byte _nextLost;

    /// <summary>Contacts that were given up and are remembered.</summary>
    public int LostCount => _lostCount;

    /// <summary>The next of them in turn; false if there is none.</summary>
    public bool TryGetLost(out Contact<TId, THandle> contact)
    {
        contact = default;
        if (_lostCount == 0)
        {
            return false;
        }

        _nextLost = (byte)((_nextLost + 1) % _lostCount);
        contact = ContactOf(LostSpan(_nextLost));
        return true;
    }

    /// <summary>Remembers a contact that is about to leave; the one that was remembered first is forgotten for it.</summary>
    private void Remember(ReadOnlySpan<byte> row)
    {
        if (_lost.Length == 0)
        {
            _lost = new byte[MostLost * _rowSize];
        }

        if (_lostCount == MostLost)
        {
            ForgetLost(0);
        }

        row.CopyTo(LostSpan(_lostCount++));
        _rules.Retain(HandleOf(row));
    }

    /// <summary>A contact that was given up is back, under whatever id.</summary>
    private void Return(in THandle handle)
    {
        for (int i = _lostCount - 1; i >= 0; i--)
        {
            if (HasHandle(LostSpan(i), handle))
            {
                ForgetLost(i);
            }
        }
    }

    private void ForgetAllLost()
    {
        while (_lostCount > 0)
        {
            ForgetLost(_lostCount - 1);
        }
    }

    private void ForgetLost(int index)
    {
        _rules.Release(HandleOf(LostSpan(index)));
        _lost.AsSpan((index + 1) * _rowSize, (_lostCount - index - 1) * _rowSize).CopyTo(_lost.AsSpan(index * _rowSize));
        _lostCount--;
    }

    private Span<byte> LostSpan(int index) => _lost.AsSpan(index * _rowSize, _rowSize);
}
