using System.Runtime.CompilerServices;
using Kadath.Primitives;

namespace Kadath.Mainline.Wire;

/// <summary>Parses KRPC messages in one pass over the datagram, without allocation. False is junk, to which nobody answers.</summary>
internal static class KrpcParser
{
    /// <summary>Parses one message. True: well-formed bencode with a known kind and a transaction id; arguments are judged by whoever needs them.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out KrpcMessage message)
    {
        message = default;
        if (datagram.Length is < KrpcLimits.MinMessage or > DatagramLimits.ReceiveSlot || datagram[0] != 'd' || datagram[^1] != 'e')
        {
            return false;
        }

        var parsed = new KrpcMessage(datagram);
        var reader = new BencodeReader(datagram);
        reader.TryBeginDictionary();
        while (!reader.TryEnd())
        {
            if (!reader.TryReadString(out ReadOnlySpan<byte> key)
                || !(key.Length == 1 ? TakeLetter(ref reader, key[0], ref parsed) : TakeWord(ref reader, key, ref parsed)))
            {
                return false;
            }
        }

        message = parsed;
        return reader.AtEnd && message.Kind != KrpcKind.None && message.TransactionSlice.Length is > 0 and <= KrpcLimits.MaxTransactionId;
    }

    private static bool TakeLetter(ref BencodeReader reader, byte key, scoped ref KrpcMessage message)
    {
        switch (key)
        {
            case (byte)'a' or (byte)'r':
                // A second body would let one part of a message pass for another.
                if (reader.Peek() != BencodeKind.Dictionary || message.Has(KrpcFields.Arguments))
                {
                    return false;
                }

                message.Fields |= KrpcFields.Arguments;
                return TakeBody(ref reader, ref message);
            case (byte)'e':
                return TakeError(ref reader, ref message);
            case (byte)'q':
                if (!reader.TryReadString(out ReadOnlySpan<byte> method))
                {
                    return false;
                }

                message.Method = MethodOf(method);
                return true;
            case (byte)'t':
                return Take(ref reader, ref message.TransactionSlice);
            case (byte)'v':
                return Take(ref reader, ref message.VersionSlice);
            case (byte)'y':
                if (!reader.TryReadString(out ReadOnlySpan<byte> kind) || kind.Length != 1)
                {
                    return false;
                }

                message.Kind = kind[0] switch { (byte)'q' => KrpcKind.Query, (byte)'r' => KrpcKind.Response, (byte)'e' => KrpcKind.Error, _ => KrpcKind.None };
                return message.Kind != KrpcKind.None;
            default:
                return reader.TrySkip();
        }
    }

    private static bool TakeWord(ref BencodeReader reader, scoped ReadOnlySpan<byte> key, scoped ref KrpcMessage message) =>
        key.SequenceEqual("ip"u8) ? Take(ref reader, ref message.ExternalSlice)
        : key.SequenceEqual("ro"u8) ? TakeFlag(ref reader, ref message, KrpcFields.ReadOnly)
        : reader.TrySkip();

    private static bool TakeError(ref BencodeReader reader, scoped ref KrpcMessage message)
    {
        var inside = reader;
        if (inside.TryBeginList() && inside.TryReadInteger(out long code) && code is > 0 and <= ushort.MaxValue)
        {
            message.ErrorCode = (ushort)code;
            inside.TryReadString(out int start, out int length);
            message.ErrorSlice = inside.Position > start && length > 0 ? new(start, length) : default;
        }

        return reader.TrySkip();
    }

    private static bool TakeBody(ref BencodeReader reader, scoped ref KrpcMessage message)
    {
        reader.TryBeginDictionary();
        while (!reader.TryEnd())
        {
            if (!reader.TryReadString(out ReadOnlySpan<byte> key))
            {
                return false;
            }

            bool ok = key.Length switch
            {
                1 => TakeOne(ref reader, key[0], ref message),
                2 when key.SequenceEqual("id"u8) => Take(ref reader, ref message.IdSlice),
                3 => TakeThree(ref reader, key, ref message),
                4 => TakeFour(ref reader, key, ref message),
                5 when key.SequenceEqual("nodes"u8) => Take(ref reader, ref message.NodesSlice),
                5 when key.SequenceEqual("token"u8) => Take(ref reader, ref message.TokenSlice),
                6 => TakeSix(ref reader, key, ref message),
                7 when key.SequenceEqual("samples"u8) => Take(ref reader, ref message.SamplesSlice),
                8 when key.SequenceEqual("interval"u8) => TakeNumber(ref reader, ref message, KrpcFields.Interval, ref message.Interval),
                9 when key.SequenceEqual("info_hash"u8) => Take(ref reader, ref message.InfoHashSlice),
                12 when key.SequenceEqual("implied_port"u8) => TakeFlag(ref reader, ref message, KrpcFields.ImpliedPort),
                _ => reader.TrySkip(),
            };
            if (!ok)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TakeOne(ref BencodeReader reader, byte key, scoped ref KrpcMessage message) => key switch
    {
        (byte)'v' => TakeRaw(ref reader, ref message.ValueSlice),
        (byte)'k' => Take(ref reader, ref message.KeySlice),
        _ => reader.TrySkip(),
    };

    private static bool TakeThree(ref BencodeReader reader, scoped ReadOnlySpan<byte> key, scoped ref KrpcMessage message) =>
        key.SequenceEqual("seq"u8) ? TakeNumber(ref reader, ref message, KrpcFields.Sequence, ref message.Sequence)
        : key.SequenceEqual("sig"u8) ? Take(ref reader, ref message.SignatureSlice)
        : key.SequenceEqual("cas"u8) ? TakeNumber(ref reader, ref message, KrpcFields.Cas, ref message.Cas)
        : key.SequenceEqual("num"u8) ? TakeNumber(ref reader, ref message, KrpcFields.Total, ref message.Total)
        : reader.TrySkip();

    private static bool TakeFour(ref BencodeReader reader, scoped ReadOnlySpan<byte> key, scoped ref KrpcMessage message) =>
        key.SequenceEqual("want"u8) ? TakeWant(ref reader, ref message)
        : key.SequenceEqual("port"u8) ? TakeNumber(ref reader, ref message, KrpcFields.Port, ref message.Port)
        : key.SequenceEqual("salt"u8) ? Take(ref reader, ref message.SaltSlice)
        : key.SequenceEqual("seed"u8) ? TakeFlag(ref reader, ref message, KrpcFields.Seed)
        // mldht writes BFse where BEP 33 says BFsd.
        : key.SequenceEqual("BFsd"u8) || key.SequenceEqual("BFse"u8) ? Take(ref reader, ref message.SeedsSlice)
        : key.SequenceEqual("BFpe"u8) ? Take(ref reader, ref message.PeersSlice)
        : reader.TrySkip();

    private static bool TakeSix(ref BencodeReader reader, scoped ReadOnlySpan<byte> key, scoped ref KrpcMessage message) =>
        key.SequenceEqual("target"u8) ? Take(ref reader, ref message.TargetSlice)
        : key.SequenceEqual("nodes6"u8) ? Take(ref reader, ref message.Nodes6Slice)
        : key.SequenceEqual("values"u8) ? TakeRaw(ref reader, ref message.ValuesSlice)
        : key.SequenceEqual("scrape"u8) ? TakeFlag(ref reader, ref message, KrpcFields.Scrape)
        : key.SequenceEqual("noseed"u8) ? TakeFlag(ref reader, ref message, KrpcFields.NoSeed)
        : reader.TrySkip();

    private static bool TakeWant(ref BencodeReader reader, scoped ref KrpcMessage message)
    {
        var inside = reader;
        if (inside.TryBeginList())
        {
            while (inside.TryReadString(out ReadOnlySpan<byte> family))
            {
                message.Want |= family.SequenceEqual("n4"u8) ? KrpcWant.V4 : family.SequenceEqual("n6"u8) ? KrpcWant.V6 : KrpcWant.None;
            }
        }

        return reader.TrySkip();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Take(ref BencodeReader reader, ref Slice slice)
    {
        if (reader.TryReadString(out int start, out int length))
        {
            slice = new(start, length);
            return true;
        }

        return reader.TrySkip();
    }

    private static bool TakeRaw(ref BencodeReader reader, ref Slice slice)
    {
        int start = reader.Position;
        if (!reader.TrySkip())
        {
            return false;
        }

        slice = new(start, reader.Position - start);
        return true;
    }

    private static bool TakeNumber(ref BencodeReader reader, scoped ref KrpcMessage message, KrpcFields field, ref long number)
    {
        if (!reader.TryReadInteger(out long value))
        {
            return reader.TrySkip();
        }

        number = value;
        message.Fields |= field;
        return true;
    }

    private static bool TakeFlag(ref BencodeReader reader, scoped ref KrpcMessage message, KrpcFields field)
    {
        if (!reader.TryReadInteger(out long value))
        {
            return reader.TrySkip();
        }

        message.Fields |= value != 0 ? field : KrpcFields.None;
        return true;
    }

    private static KrpcMethod MethodOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("ping"u8) => KrpcMethod.Ping,
        9 when name.SequenceEqual("find_node"u8) => KrpcMethod.FindNode,
        9 when name.SequenceEqual("get_peers"u8) => KrpcMethod.GetPeers,
        13 when name.SequenceEqual("announce_peer"u8) => KrpcMethod.AnnouncePeer,
        3 when name.SequenceEqual("get"u8) => KrpcMethod.Get,
        3 when name.SequenceEqual("put"u8) => KrpcMethod.Put,
        17 when name.SequenceEqual("sample_infohashes"u8) => KrpcMethod.SampleInfohashes,
        _ => KrpcMethod.Unknown,
    };
}
