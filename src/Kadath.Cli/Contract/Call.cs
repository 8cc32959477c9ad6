using System.Text.Json.Serialization;
using Kadath.Cli.Commands;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli;

/// <summary>
/// One thing asked of a node: by a command of the node that it made for itself, or over the control socket of the daemon. The same code
/// answers both, so that both give the same.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(PingCall), "ping")]
[JsonDerivedType(typeof(FindNodeCall), "find-node")]
[JsonDerivedType(typeof(PeersCall), "peers")]
[JsonDerivedType(typeof(AnnounceCall), "announce")]
[JsonDerivedType(typeof(ScrapeCall), "scrape")]
[JsonDerivedType(typeof(PutCall), "put")]
[JsonDerivedType(typeof(GetCall), "get")]
[JsonDerivedType(typeof(SampleCall), "sample")]
[JsonDerivedType(typeof(FollowCall), "follow")]
[JsonDerivedType(typeof(StatusCall), "status")]
internal abstract record Call
{
    /// <summary>When to end at the latest, in milliseconds; 0 for the operation's own default.</summary>
    public int TimeoutMs { get; init; }

    /// <summary>Does what is asked. Faults that its user can mend are thrown as <see cref="CliException"/>.</summary>
    /// <param name="node">The node that does it.</param>
    /// <param name="item">Takes each result of a stream as it comes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public abstract Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken);

    /// <summary>The result with this error, as <see cref="RunAsync"/> would have given it.</summary>
    public abstract Result Failed(ErrorInfo error);

    /// <summary>The endpoint that is asked directly, without a search; it needs no bootstrap, and decides what an ephemeral node binds.</summary>
    [JsonIgnore]
    public virtual Endpoint Direct => default;

    /// <summary>False if the call can be done by a node that knows nobody.</summary>
    [JsonIgnore]
    public virtual bool NeedsContacts => !Direct.IsValid;

    /// <summary>True if the call ends only when its caller does.</summary>
    [JsonIgnore]
    public virtual bool IsEndless => false;

    /// <summary>Throws if an ephemeral node cannot do it.</summary>
    public virtual void CheckEphemeral()
    {
    }

    /// <summary>The timeout as the library takes it.</summary>
    [JsonIgnore]
    protected TimeSpan Timeout => TimeSpan.FromMilliseconds(TimeoutMs);

    /// <summary>Reads a target that came over the control socket.</summary>
    protected static Id160 Id(string? hex, string name) => NodeIds.TryParseHex(hex, out Id160 id)
        ? id
        : throw CliException.Usage($"'{name}' must be 40 hexadecimal digits", "see docs/control-socket.md");

    /// <summary>Reads an endpoint that came over the control socket.</summary>
    protected static Endpoint At(string? text) => Endpoint.TryParse(text, out Endpoint endpoint) && endpoint.Port != 0
        ? endpoint
        : throw CliException.Usage("'endpoint' must be an address and a port", "see docs/control-socket.md");

    /// <summary>Reads base64 that came over the control socket; empty for null.</summary>
    protected static byte[] Bytes(string? base64, string name)
    {
        try
        {
            return base64 is null ? [] : Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw CliException.Usage($"'{name}' must be base64", "see docs/control-socket.md");
        }
    }

    /// <summary>The error of an operation in which nobody answered.</summary>
    protected static ErrorInfo Nobody() => new(ErrorCodes.NoAnswer, "no node answered", "is the network reachable? kadath doctor finds out");
}
