using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>
/// What a Mainline machine asks of its driver. Every method only enqueues: none calls back into the machine, none blocks.
/// Completions come later through the machine's own methods, with the ticket that was given here.
/// </summary>
public interface IMainlineEffects : IDatagramSink
{
    /// <summary>
    /// Asks for an Ed25519 verification (BEP 44), answered by <see cref="MainlineDht.Verified"/>. The spans are valid only during the call.
    /// False if the driver's bounded queue is full: the machine then treats the work as refused for lack of capacity.
    /// </summary>
    bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>
    /// Asks that a record be made durable. With a ticket other than 0, <see cref="MainlineDht.Persisted"/> follows when the change has
    /// reached the operating system, was refused, or took longer than the driver waits. An empty value deletes. False if the queue is full.
    /// </summary>
    /// <param name="ticket">0, or the ticket with which the completion comes.</param>
    /// <param name="collection">Which of the machine's collections.</param>
    /// <param name="key">The record's key; valid only during the call.</param>
    /// <param name="value">The record's value; valid only during the call; empty deletes.</param>
    /// <param name="source">The group whose quota it counts against, to be given back to <see cref="MainlineDht.Restore"/>; 0 for none.</param>
    /// <param name="expires">When the record expires, on the machine's clock; <see cref="Instant.Never"/> for never.</param>
    bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires);

    /// <summary>Tells what happened, for telemetry and users. Never steers: a machine behaves the same whether anybody listens.</summary>
    void Emit(in MainlineEvent happened);
}

/// <summary>The collections that a Mainline machine keeps.</summary>
public enum MainlineCollection : byte
{
    /// <summary>BEP 44 items: key is the target, value the encoded item.</summary>
    Items,

    /// <summary>Announces: key is info-hash and IP address, value port and flags.</summary>
    Announces,

    /// <summary>Identity and external address of each socket address.</summary>
    Identity,

    /// <summary>Contacts of each socket address.</summary>
    Contacts,
}
