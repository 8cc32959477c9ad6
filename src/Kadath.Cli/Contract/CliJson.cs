using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kadath.Cli.Commands;
using Kadath.Cli.Control;
using Kadath.Cli.Demo;

namespace Kadath.Cli;

/// <summary>Reads and writes the contract's objects, with code generated at build time: start-up time counts here.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Call))]
[JsonSerializable(typeof(ControlLine))]
[JsonSerializable(typeof(Result))]
[JsonSerializable(typeof(PingLine))]
[JsonSerializable(typeof(FindNodeLine))]
[JsonSerializable(typeof(PeersLine))]
[JsonSerializable(typeof(AnnounceLine))]
[JsonSerializable(typeof(ScrapeLine))]
[JsonSerializable(typeof(PutLine))]
[JsonSerializable(typeof(GetLine))]
[JsonSerializable(typeof(SampleLine))]
[JsonSerializable(typeof(FollowLine))]
[JsonSerializable(typeof(StatusLine))]
[JsonSerializable(typeof(KeygenLine))]
[JsonSerializable(typeof(DoctorLine))]
[JsonSerializable(typeof(UpLine))]
[JsonSerializable(typeof(DemoLine))]
internal sealed partial class CliJson : JsonSerializerContext
{
    // Control characters are still escaped; '+', '<' and '&' are not, which only matters inside HTML.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line of JSON in UTF-8, with its line feed.</summary>
    public static byte[] Line(object value)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        Write(buffer, value);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value as a document, to be put into another.</summary>
    public static System.Text.Json.JsonElement Element(object value)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        Write(buffer, value);
        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return System.Text.Json.JsonElement.ParseValue(ref reader);
    }

    private static void Write(ArrayBufferWriter<byte> buffer, object value)
    {
        using var writer = new Utf8JsonWriter(buffer, Compact);
        Type type = value is Call ? typeof(Call) : value.GetType();
        JsonSerializer.Serialize(writer, value, Default.GetTypeInfo(type)!);
    }
}
