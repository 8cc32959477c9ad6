using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kadath.Cli.Control;

/// <summary>One line that the daemon writes to its control socket: any number of items, then one end.</summary>
internal sealed record ControlLine
{
    /// <summary>"item" or "end".</summary>
    public required string Event { get; init; }

    /// <summary>The result, as the command of the same name prints it.</summary>
    [JsonPropertyName("result")]
    public JsonElement Result { get; init; }
}
