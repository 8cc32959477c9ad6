namespace Kadath.Tls;

/// <summary>One message of the peer, whole. Its bytes are valid until the state that takes it returns.</summary>
internal readonly ref struct HandshakeMessage(ReadOnlySpan<byte> raw)
{
    /// <summary>Bytes of a message's header: type and length.</summary>
    public const int HeaderBytes = 4;

    public HandshakeType Type => (HandshakeType)Raw[0];

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Body => Raw[HeaderBytes..];

    /// <summary>The message with its header, as the transcript takes it.</summary>
    public ReadOnlySpan<byte> Raw { get; } = raw;
}
