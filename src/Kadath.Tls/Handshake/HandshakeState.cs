namespace Kadath.Tls;

/// <summary>A state of a handshake: a type named for what it awaits, holding only what is known by then.</summary>
internal abstract class HandshakeState
{
    /// <summary>Takes the next message. Whatever it does not await is an unexpected_message.</summary>
    /// <returns>The next state; null if the handshake failed.</returns>
    public abstract HandshakeState? Handle(in HandshakeMessage message);

    /// <summary>Erases what the state alone holds; called when the connection ends in it.</summary>
    public virtual void Abandon()
    {
    }
}

/// <summary>The caller's answer to a pause is awaited; messages wait.</summary>
internal sealed class AwaitAnswer(TlsHandshake handshake) : HandshakeState
{
    public override HandshakeState? Handle(in HandshakeMessage message) => handshake.Unexpected();
}
