using System.Buffers.Binary;
using System.Text;
using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Rpc;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>
/// One thing that a user asked for, from its start to the one report that ends it. It never ends inside the call that starts it, so that its
/// observer can know its number first.
/// </summary>
internal abstract class Operation
{
    // Error texts are for people: what does not fit a line is cut.
    private const int MaxMessage = 128;

    private OperationEnd? _soon;

    protected Operation(OperationTable table, IMainlineObserver observer, TimeSpan timeout, Instant now)
    {
        Table = table;
        Observer = observer;
        Started = now;
        Deadline = timeout > TimeSpan.Zero ? now + timeout : Instant.Never;
    }

    /// <summary>The number, given by the table.</summary>
    public OperationId Id { get; set; }

    /// <summary>True once the report was given.</summary>
    public bool IsDone { get; private set; }

    /// <summary>When <see cref="Wake"/> is wanted next.</summary>
    public Instant NextDeadline => IsDone ? Instant.Never : _soon.HasValue ? Instant.Zero : Instant.Min(Deadline, NextStep);

    protected OperationTable Table { get; }

    protected MainlineContext Context => Table.Context;

    protected IMainlineObserver Observer { get; }

    protected Instant Started { get; }

    /// <summary>When it ends at the latest.</summary>
    protected Instant Deadline { get; set; }

    /// <summary>The operation's own next deadline.</summary>
    protected virtual Instant NextStep => Instant.Never;

    /// <summary>Begins. Called once, when the operation has its number.</summary>
    public abstract void Start(Instant now);

    /// <summary>Ends it without a beginning: there is no room for it.</summary>
    public void Refuse() => FinishSoon(OperationEnd.Refused);

    /// <summary>Does what is due.</summary>
    public void Wake(Instant now)
    {
        if (IsDone)
        {
            return;
        }

        if (_soon is { } end)
        {
            Finish(end, now);
        }
        else if (now >= Deadline)
        {
            Finish(OperationEnd.TimedOut, now);
        }
        else if (now >= NextStep)
        {
            Step(now);
        }
    }

    /// <summary>A signature that the operation asked to be verified.</summary>
    public virtual void Verified(int number, bool valid, Instant now)
    {
    }

    /// <summary>A record that the operation asked to be made durable.</summary>
    public virtual void Persisted(int number, bool durable, Instant now)
    {
    }

    /// <summary>Ends with the one report.</summary>
    public void Finish(OperationEnd end, Instant now)
    {
        if (IsDone)
        {
            return;
        }

        OperationReport report = Sum(end, now);
        IsDone = true;
        Close(now);
        Table.Remove(this);
        Context.Effects.Emit(new(MainlineEventKind.LookupCompleted, -1, default, default, report.Messages));
        Observer.OnCompleted(report);
    }

    /// <summary>Ends at the next wake-up: for what fails inside the call that starts it.</summary>
    protected void FinishSoon(OperationEnd end) => _soon ??= end;

    /// <summary>Does what <see cref="NextStep"/> was for.</summary>
    protected virtual void Step(Instant now)
    {
    }

    /// <summary>The report.</summary>
    protected abstract OperationReport Sum(OperationEnd end, Instant now);

    /// <summary>Lets go of lookups and queries.</summary>
    protected abstract void Close(Instant now);

    /// <summary>The outcome at a node that answered.</summary>
    protected static NodeOutcome Answered(NodeResult result, in RpcCall call, in KrpcMessage reply, Instant now)
    {
        Endpoint.TryReadCompact(reply.External, out Endpoint external);
        uint version = reply.Version.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(reply.Version) : 0;
        Id160 id = reply.HasId ? reply.Id : call.To.Id;
        return new(result, id, call.To.Handle, now - call.SentAt, 0, null, external, version);
    }

    /// <summary>The outcome at a node that did not answer, or refused.</summary>
    protected static NodeOutcome Unanswered(in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now) => failure switch
    {
        RpcFailure.Refused => Answered(NodeResult.Refused, call, error, now) with { ErrorCode = error.ErrorCode, Message = Printable(error.ErrorText) },
        RpcFailure.Lied => new(NodeResult.Invalid, call.To.Id, call.To.Handle, TimeSpan.Zero, 0, null, default, 0),
        RpcFailure.BusyHere => new(NodeResult.NotSent, call.To.Id, call.To.Handle, TimeSpan.Zero, 0, null, default, 0),
        _ => new(NodeResult.TimedOut, call.To.Id, call.To.Handle, TimeSpan.Zero, 0, null, default, 0),
    };

    /// <summary>A peer's text as people may be shown it: no control characters, one line, cut.</summary>
    internal static string? Printable(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return null;
        }

        char[] characters = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxMessage)]).ToCharArray();
        for (int i = 0; i < characters.Length; i++)
        {
            bool plain = !char.IsControl(characters[i]) && !char.IsSurrogate(characters[i]) && characters[i] is not ('\u2028' or '\u2029' or '\u202E');
            characters[i] = plain ? characters[i] : '?';
        }

        return new(characters);
    }
}
