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

    /// <summary>When it last answered, in seconds; of a restored contact what was restored.</summary>
    public uint LastSeen;

    /// <summary>Smoothed round-trip time in milliseconds; 0 if unknown.</summary>
    public ushort RoundTrip;

    private byte _flags;

    /// <summary>Its place by age in the bucket: 0 is the oldest.</summary>
    public byte Rank;

    public RowMeta(uint lastSeen, bool answered)
    {
        LastSeen = lastSeen;
        _flags = answered ? AnsweredBit : (byte)0;
    }

    /// <summary>Failures and liveness, packed.</summary>
    public readonly byte Flags => _flags;

    /// <summary>Queries that failed since its last answer, at most 15.</summary>
    public readonly int Fails => _flags & FailsMask;

    /// <summary>Has answered since it entered the table.</summary>
    public readonly bool Answered => (_flags & AnsweredBit) != 0;

    /// <summary>Has answered, and has not failed since.</summary>
    public readonly bool IsLive => (_flags & LiveMask) == LiveValue;

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

    /// <summary>True if it must be asked again before it can be relied on.</summary>
    public readonly bool IsQuestionable(Instant now, TimeSpan staleAfter) => !IsLive || Instant.FromSeconds(LastSeen) + staleAfter <= now;
}
