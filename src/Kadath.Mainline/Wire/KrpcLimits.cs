namespace Kadath.Mainline.Wire;

/// <summary>Sizes of KRPC messages and of what they carry.</summary>
internal static class KrpcLimits
{
    /// <summary>Payloads never exceed this (BEP 32: 1,024 bytes), so that they pass every path unfragmented.</summary>
    public const int Payload = 1024;

    /// <summary>Messages that carry a BEP 44 value whole stay below this: the largest put, with salt, cas and a 20-byte token, is 1,341.</summary>
    public const int ItemPayload = 1399;

    /// <summary>The shortest message anybody sends: <c>d1:rde1:t1:a1:y1:re</c> is 19 bytes.</summary>
    public const int MinMessage = 15;

    /// <summary>Longest transaction id that is echoed: the longest seen has 20 bytes (rakshasa's bound).</summary>
    public const int MaxTransactionId = 32;

    /// <summary>Bytes of a compact IPv4 node: id and endpoint (BEP 5).</summary>
    public const int NodeV4 = 26;

    /// <summary>Bytes of a compact IPv6 node (BEP 32).</summary>
    public const int NodeV6 = 38;

    /// <summary>Longest write token that is sent back: the longest seen has 20 bytes; the largest put must still fit <see cref="ItemPayload"/>.</summary>
    public const int MaxToken = 64;

    /// <summary>Bytes of a bencoded value (BEP 44).</summary>
    public const int MaxValue = 1000;

    /// <summary>Bytes of a salt (BEP 44).</summary>
    public const int MaxSalt = 64;

    /// <summary>Bytes of a BEP 33 filter.</summary>
    public const int Filter = 256;
}
