using System.Text;
using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>A server's session as bytes, for a sealed ticket. Only this process reads what it wrote, but a version stands in front all the same.</summary>
internal static class SessionState
{
    /// <summary>The longest ticket, in bytes: a client sends it in its hello, so that it should not need many packets.</summary>
    public const int MaxBytes = 8 * 1024;

    private const byte Version = 1;

    public static WireWriter Write(ServerSession session)
    {
        WireWriter writer = new();
        writer.UInt8(Version);
        writer.UInt16((ushort)session.Suite);
        writer.UInt8((byte)session.ClientAuthentication);
        writer.UInt32(session.AgeAdd);
        writer.UInt64((ulong)session.IssuedAt.Ticks);
        writer.UInt64((ulong)session.Lifetime.Ticks);
        WriteText(writer, session.ServerName);
        WriteText(writer, session.ApplicationProtocol);
        WriteText(writer, session.TrustTag);
        writer.Vector8(session.Psk.Span);
        if (session.Peer is { } peer)
        {
            writer.UInt16((ushort)session.PeerScheme);
            writer.UInt8((byte)peer.Type);
            foreach (var entry in peer.Entries)
            {
                var start = writer.Begin(3);
                writer.Bytes(entry.Span);
                writer.End(start, 3);
            }
        }

        return writer;
    }

    public static ServerSession? Read(ReadOnlySpan<byte> bytes, IHash sha256)
    {
        WireReader reader = new(bytes);
        if (!reader.TryReadUInt8(out var version) || version != Version || !reader.TryReadUInt16(out var suite) || !reader.TryReadUInt8(out var authentication)
            || !reader.TryReadUInt32(out var ageAdd) || !TryReadInt64(ref reader, out var issuedAt) || !TryReadInt64(ref reader, out var lifetime)
            || !TryReadText(ref reader, out var serverName) || !TryReadText(ref reader, out var protocol) || !TryReadText(ref reader, out var trustTag)
            || !reader.TryReadVector8(out var psk) || !TryReadPeer(ref reader, sha256, out var peer, out var scheme))
        {
            return null;
        }

        return new(psk)
        {
            Suite = (CipherSuite)suite,
            ClientAuthentication = (ClientAuthentication)authentication,
            AgeAdd = ageAdd,
            IssuedAt = new Instant(issuedAt),
            Lifetime = new TimeSpan(lifetime),
            ServerName = serverName,
            ApplicationProtocol = protocol,
            TrustTag = trustTag ?? "",
            Peer = peer,
            PeerScheme = scheme,
        };
    }

    private static bool TryReadPeer(ref WireReader reader, IHash sha256, out PeerIdentity? peer, out SignatureScheme scheme)
    {
        (peer, scheme) = (null, SignatureScheme.None);
        if (reader.AtEnd)
        {
            return true;
        }

        if (!reader.TryReadUInt16(out var number) || !reader.TryReadUInt8(out var type))
        {
            return false;
        }

        List<ReadOnlyMemory<byte>> entries = [];
        while (!reader.AtEnd)
        {
            if (!reader.TryReadVector24(out var entry))
            {
                return false;
            }

            entries.Add(entry.ToArray());
        }

        scheme = (SignatureScheme)number;
        peer = entries.Count > 0 ? PeerIdentity.Read((CertificateType)type, entries, sha256) : null;
        return peer is not null;
    }

    private static void WriteText(WireWriter writer, string? text)
    {
        writer.UInt8(text is null ? (byte)0 : (byte)1);
        writer.Vector16(Encoding.UTF8.GetBytes(text ?? ""));
    }

    private static bool TryReadText(ref WireReader reader, out string? text)
    {
        text = null;
        if (!reader.TryReadUInt8(out var present) || !reader.TryReadVector16(out var bytes))
        {
            return false;
        }

        text = present == 1 ? Encoding.UTF8.GetString(bytes) : null;
        return true;
    }

    private static bool TryReadInt64(ref WireReader reader, out long value)
    {
        var ok = reader.TryReadUInt32(out var high) & reader.TryReadUInt32(out var low);
        value = (long)(((ulong)high << 32) | low);
        return ok;
    }
}
