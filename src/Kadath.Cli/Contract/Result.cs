using System.Text.Json.Serialization;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Cli;

/// <summary>The end of every command, or one line of a stream: its own members first, then those that all have.</summary>
internal record Result
{
    /// <summary>What kind of line this is, where a command prints several; null at the end.</summary>
    [JsonPropertyOrder(90), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Event { get; init; }

    /// <summary>True if the command did what it was asked for.</summary>
    [JsonPropertyOrder(91)]
    public bool Ok => Error is null;

    /// <summary>"daemon" if the daemon did it, "ephemeral" if this process did.</summary>
    [JsonPropertyOrder(92)]
    public string Via { get; init; } = "ephemeral";

    /// <summary>Milliseconds since the command began.</summary>
    [JsonPropertyOrder(93)]
    public long ElapsedMs { get; init; }

    /// <summary>Why it failed; absent on success.</summary>
    [JsonPropertyOrder(94), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ErrorInfo? Error { get; init; }

    /// <summary>The exit code that follows from <see cref="Error"/>.</summary>
    [JsonIgnore]
    public int Exit => Error is null ? ExitCodes.Done : ErrorCodes.ExitOf(Error.Code);
}

/// <summary>How one node fared in a store.</summary>
/// <param name="Id">The node's id in hexadecimal; null if it is not known.</param>
/// <param name="Endpoint">Where it was asked.</param>
/// <param name="Outcome">stored, refused, timed-out, no-token, invalid, not-sent or answered.</param>
/// <param name="Code">The peer's error code; null without one.</param>
/// <param name="Message">The peer's words; null without any.</param>
internal sealed record NodeLine(string? Id, string Endpoint, string Outcome, int? Code, string? Message)
{
    /// <summary>The line for an outcome of the library.</summary>
    public static NodeLine Of(NodeOutcome outcome) => new(
        Wire.Hex(outcome.Id), outcome.Endpoint.ToString(), Wire.Name(outcome.Result), outcome.ErrorCode == 0 ? null : outcome.ErrorCode, outcome.Message);
}

/// <summary>Writes values as the contract wants them.</summary>
internal static class Wire
{
    /// <summary>Lower-case hexadecimal digits; null for the zero id, which stands for an unknown one.</summary>
    public static string? Hex(in Id160 id) => id.Equals(default) ? null : NodeIds.ToHex(id);

    /// <summary>The endpoint, or null for none.</summary>
    public static string? Text(in Endpoint endpoint) => endpoint.IsValid ? endpoint.ToString() : null;

    /// <summary>Milliseconds with three decimals; null for none.</summary>
    public static double? Milliseconds(TimeSpan span) => span == TimeSpan.Zero ? null : Math.Round(span.TotalMilliseconds, 3);

    /// <summary>The outcome in lower-case words.</summary>
    public static string Name(NodeResult result) => result switch
    {
        NodeResult.Answered => "answered",
        NodeResult.Stored => "stored",
        NodeResult.Refused => "refused",
        NodeResult.TimedOut => "timed-out",
        NodeResult.NoToken => "no-token",
        NodeResult.Invalid => "invalid",
        _ => "not-sent",
    };

    /// <summary>
    /// A peer's version bytes (BEP 20): two characters that name the program, then four hexadecimal digits; all hexadecimal where they are
    /// not printable; null without any.
    /// </summary>
    public static string? Version(uint version)
    {
        char first = (char)(version >> 24), second = (char)((version >> 16) & 0xFF);
        bool printable = char.IsAsciiLetterOrDigit(first) && char.IsAsciiLetterOrDigit(second);
        return version == 0 ? null : printable ? $"{first}{second}{version & 0xFFFF:x4}" : $"{version:x8}";
    }
}
