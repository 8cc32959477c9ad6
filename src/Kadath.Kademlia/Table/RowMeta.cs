using System.Runtime.InteropServices;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>What a table remembers of a contact beside its row: 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct RowMeta
{
    public const int Size = 8;

    /// <summary>The bits of <see cref="Flags"/> that tell whether a contact is live.</summary>
    public const byte LiveMask = AnsweredBit | FailsMask;

    /// <summary>What they are if it is.</summary>
    public const byte LiveValue = AnsweredBit;

    private const byte FailsMask = 0x0F;
    private const byte AnsweredBit = 0x10;
    private const int PrintShift = 5;

    /// <summary>When it last answered, in seconds; of a restored contact what was restored.</summary>
    public uint LastSeen;

    /// <summary>Smoothed round-trip time in milliseconds; 0 if unknown.</summary>
    public ushort RoundTrip;

    private byte _flags;

    /// <summary>Its place by age in the bucket: 0 is the oldest.</summary>
    public byte Rank;

    public RowMeta(uint lastSeen, bool answered, int print)
    {
        LastSeen = lastSeen;
        _flags = (byte)((answered ? AnsweredBit : 0) | (print << PrintShift));
    }

    /// <summary>Failures, liveness and print, packed.</summary>
    public readonly byte Flags => _flags;

    /// <summary>Queries that failed since its last answer, at most 15.</summary>
    public readonly int Fails => _flags & FailsMask;

    /// <summary>Has answered since it entered the table.</summary>
    public readonly bool Answered => (_flags & AnsweredBit) != 0;

    /// <summary>Has answered, and has not failed since.</summary>
    public readonly bool IsLive => (_flags & LiveMask) == LiveValue;

    /// <summary>Three bits of the group keys, so that a scan for a group looks closer at one row in eight only.</summary>
    public readonly int Print => _flags >> PrintShift;

    /// <summary>Takes in an answer.</summary>
    public void Succeed(uint now, TimeSpan? roundTrip)
    {
        LastSeen = now;
        _flags = (byte)((_flags & ~FailsMask) | AnsweredBit);
        if (roundTrip is { } sample)
        {
            int milliseconds = (int)Math.Clamp(Math.Ceiling(sample.TotalMilliseconds), 1, ushort.MaxValue);
            // RFC 6298's gain of 1/8 forgets too slowly for contacts that are heard of every quarter of an hour.
            RoundTrip = (ushort)(RoundTrip == 0 ? milliseconds : Math.Max(1, ((3 * RoundTrip) + milliseconds) / 4));
        }
    }

    /// <summary>Takes in a failure.</summary>
    public void Fail() => _flags = (byte)(Fails == FailsMask ? _flags : _flags + 1);

    /// <summary>The contact has moved to a handle of another group.</summary>
    public void SetPrint(int print) => _flags = (byte)((_flags & ~(7 << PrintShift)) | (print << PrintShift));

    /// <summary>The three bits for a pair of group keys. Groups nest: equal narrow keys have equal wide ones.</summary>
    public static int PrintOf(GroupKeys groups)
    {
        ulong key = groups.Wide != 0 ? groups.Wide : groups.Narrow;
        return (int)((key * 0x9E3779B97F4A7C15UL) >> 61);
    }

    /// <summary>True if it must be asked again before it can be relied on.</summary>
    public readonly bool IsQuestionable(Instant now, TimeSpan staleAfter) => !IsLive || Instant.FromSeconds(LastSeen) + staleAfter <= now;
}
