using System.Text;

namespace Kadath.Tls;

/// <summary>What a ClientHello offers, as far as this server's options allow it: judged once, and kept across the pauses that follow.</summary>
internal sealed class ClientTerms
{
    public required IReadOnlyList<NamedGroup> Groups { get; init; }

    public required IReadOnlyList<NamedGroup> Shares { get; init; }

    public required IReadOnlyList<CipherSuite> Suites { get; init; }

    public required IReadOnlyList<CipherSuite> ClientSuites { get; init; }

    /// <summary>Schemes of a signature of ours that the client can verify, in its order; empty if it sent none, as only keys given beforehand excuse.</summary>
    public required IReadOnlyList<SignatureScheme> Schemes { get; init; }

    /// <summary>Whether the client sent signature_algorithms.</summary>
    public required bool HasSchemes { get; init; }

    /// <summary>What we may show.</summary>
    public required IReadOnlyList<CertificateType> ServerTypes { get; init; }

    /// <summary>What the client could show.</summary>
    public required IReadOnlyList<CertificateType> ClientTypes { get; init; }

    public string? ServerName { get; init; }

    public IReadOnlyList<string> Protocols { get; init; } = [];

    /// <summary>The application protocol that is chosen.</summary>
    public string? Protocol { get; init; }

    public bool OffersEarlyData { get; init; }

    /// <summary>The peer's record size limit, or 0.</summary>
    public int RecordSizeLimit { get; init; }

    /// <summary>Whether both sides know certificate types, so that ours is answered.</summary>
    public bool AnswersServerType { get; init; }

    public bool AnswersClientType { get; init; }
}

/// <summary>Reads the terms of a ClientHello; a malformed or unacceptable one ends the handshake.</summary>
internal static class ClientTermsReader
{
    public static ClientTerms? Read(ServerHandshake handshake, ClientHello hello)
    {
        var options = handshake.Options;
        if (!hello.TryGetList(ExtensionType.SupportedGroups, out var groups) || !hello.TryGetList(ExtensionType.SignatureAlgorithms, out var schemes)
            || !hello.TryGetShares(out var shares) || !hello.TryGetServerName(out var serverName) || !TryReadProtocols(hello, out var protocols)
            || !TryReadTypes(hello, ExtensionType.ServerCertificateType, out var serverTypes) || !TryReadTypes(hello, ExtensionType.ClientCertificateType, out var clientTypes)
            || !TryReadRecordLimit(hello, out var recordLimit))
        {
            return Fail(handshake, AlertDescription.DecodeError, "a malformed extension");
        }

        if (!CheckPresence(handshake, hello))
        {
            return null;
        }

        if (!shares.AreAmong(groups) || shares.HasGroupTwice || recordLimit is > 0 and < 64)
        {
            return Fail(handshake, AlertDescription.IllegalParameter, "a share of a group that was not offered, two of one, or a record size limit below 64");
        }

        var protocol = options.ApplicationProtocols.FirstOrDefault(protocols.Contains);
        if (protocol is null && protocols.Count > 0 && options.ApplicationProtocols.Count > 0)
        {
            return Fail(handshake, AlertDescription.NoApplicationProtocol, "no application protocol in common");
        }

        List<NamedGroup> allowedGroups = [];
        List<NamedGroup> allowedShares = [];
        foreach (var group in options.Policy.Groups)
        {
            if (options.Policy.Allows(group) && groups.Contains((ushort)group) && KeyExchangeGroup.Of(group, options.Crypto) is not null)
            {
                allowedGroups.Add(group);
                if (shares.TryGet(group, out _))
                {
                    allowedShares.Add(group);
                }
            }
        }

        CipherSuite[] clientSuites = [.. hello.Suites.ToArray().Select(number => (CipherSuite)number).Distinct().Where(options.Policy.Allows)];
        return new()
        {
            Groups = allowedGroups,
            Shares = allowedShares,
            Suites = [.. options.Policy.Suites.Where(clientSuites.Contains)],
            ClientSuites = clientSuites,
            Schemes = [.. schemes.ToArray().Select(number => (SignatureScheme)number).Where(scheme => SignatureSchemes.NameOf(scheme) is not null && options.Policy.IsAtFloor(scheme))],
            HasSchemes = !schemes.IsEmpty,
            ServerTypes = [.. options.ServerCertificateTypes.Where(serverTypes.Contains)],
            ClientTypes = [.. options.ClientCertificateTypes.Where(clientTypes.Contains)],
            AnswersServerType = hello.Extensions.Contains(ExtensionType.ServerCertificateType) && options.ServerCertificateTypes is not [CertificateType.X509],
            AnswersClientType = hello.Extensions.Contains(ExtensionType.ClientCertificateType) && options.ClientCertificateTypes is not [CertificateType.X509],
            ServerName = serverName.IsEmpty ? null : Encoding.ASCII.GetString(serverName).TrimEnd('.').ToLowerInvariant(),
            Protocols = protocols,
            Protocol = protocol,
            OffersEarlyData = hello.Extensions.Contains(ExtensionType.EarlyData),
            RecordSizeLimit = recordLimit,
        };
    }

    /// <summary>What has to be there, or may only be there together (RFC 9846 section 9.2).</summary>
    private static bool CheckPresence(ServerHandshake handshake, ClientHello hello)
    {
        var extensions = hello.Extensions;
        var psk = extensions.Contains(ExtensionType.PreSharedKey);
        if (psk && !extensions.IsLast(ExtensionType.PreSharedKey))
        {
            return Fail(handshake, AlertDescription.IllegalParameter, "pre_shared_key is not the last extension") is not null;
        }

        // Every exchange here has fresh shares, so all of them need both.
        if (!extensions.Contains(ExtensionType.SupportedGroups) || !extensions.Contains(ExtensionType.KeyShare)
            || (!psk && !extensions.Contains(ExtensionType.SignatureAlgorithms)) || (psk && !extensions.Contains(ExtensionType.PskKeyExchangeModes)))
        {
            return Fail(handshake, AlertDescription.MissingExtension, "an extension is missing that a ClientHello must have") is not null;
        }

        if (extensions.TryGet(ExtensionType.EarlyData, out var early) && (!psk || !early.IsEmpty))
        {
            return Fail(handshake, AlertDescription.IllegalParameter, "early data without a key") is not null;
        }

        if (handshake.Transport.IsQuic && !extensions.Contains(ExtensionType.QuicTransportParameters))
        {
            return Fail(handshake, AlertDescription.MissingExtension, "no transport parameters") is not null;
        }

        return true;
    }

    private static ClientTerms? Fail(ServerHandshake handshake, AlertDescription alert, string reason)
    {
        handshake.Fail(alert, reason);
        return null;
    }

    private static bool TryReadProtocols(ClientHello hello, out List<string> protocols)
    {
        protocols = [];
        if (!hello.Extensions.TryGet(ExtensionType.Alpn, out var data))
        {
            return true;
        }

        WireReader reader = new(data);
        if (!reader.TryReadVector16(out var list) || !reader.AtEnd || list.IsEmpty)
        {
            return false;
        }

        for (WireReader names = new(list); !names.AtEnd;)
        {
            if (!names.TryReadVector8(out var name) || name.IsEmpty)
            {
                return false;
            }

            protocols.Add(Encoding.Latin1.GetString(name));
        }

        return true;
    }

    private static bool TryReadTypes(ClientHello hello, ExtensionType type, out CertificateType[] types)
    {
        types = [CertificateType.X509];
        if (!hello.Extensions.TryGet(type, out var data))
        {
            return true;
        }

        WireReader reader = new(data);
        if (!reader.TryReadVector8(out var list) || !reader.AtEnd || list.IsEmpty)
        {
            return false;
        }

        types = [.. list.ToArray().Select(number => (CertificateType)number)];
        return true;
    }

    private static bool TryReadRecordLimit(ClientHello hello, out int limit)
    {
        limit = 0;
        if (!hello.Extensions.TryGet(ExtensionType.RecordSizeLimit, out var data))
        {
            return true;
        }

        WireReader reader = new(data);
        if (!reader.TryReadUInt16(out var value) || !reader.AtEnd)
        {
            return false;
        }

        // A larger limit than TLS 1.3 has records is fine: later versions may have them (RFC 8449 section 4).
        limit = Math.Clamp((int)value, 1, RecordProtector.MaxPlaintext + 1);
        return true;
    }
}
