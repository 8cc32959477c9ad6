using System.CommandLine;
using System.Text.Json.Serialization;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Finds a value (BEP 44).</summary>
internal static class GetCommand
{
    public static Command Create(CommandFactory factory)
    {
        var target = new Argument<string>("TARGET") { Description = "Target as put prints it, a public key, or a BEP 46 link" };
        var salt = new Option<string?>("--salt") { Description = "The salt of a mutable value", HelpName = "TEXT" };
        var rawOption = new Option<bool>("--raw") { Description = "Print the bytes of the value and nothing else" };
        Command command = factory.Client("get", "Find a value", "kadath get e5f96f6f38320f0f33959cb4d3d656452117aadb", "kadath get PUBLICKEY --salt notes --json", "kadath get TARGET --raw > note.txt");
        command.Add(target);
        command.Add(salt);
        command.Add(rawOption);
        bool raw = false;
        return factory.Runs<GetLine>(
            command,
            (parse, _) =>
            {
                raw = parse.GetValue(rawOption);
                (Id160 id, byte[] key, byte[] itemSalt) = Targets.Item(parse.GetRequiredValue(target), ItemValues.Salt(parse.GetValue(salt)));
                return Task.FromResult<Call>(new GetCall
                {
                    Target = NodeIds.ToHex(id),
                    Salt = itemSalt.Length == 0 ? null : Convert.ToBase64String(itemSalt),
                    Mutable = key.Length > 0 ? true : null,
                });
            },
            (console, line) => Render(console, line, raw));
    }

    private static void Render(IAnsiConsole console, GetLine line, bool raw)
    {
        if (raw && line.Base64 is not null)
        {
            using Stream output = Console.OpenStandardOutput();
            output.Write(Convert.FromBase64String(line.Base64));
        }
        else if (line.Base64 is not null)
        {
            console.Facts(
                ("value", line.Text ?? $"base64 {line.Base64}"), ("target", line.Target), ("kind", line.Kind), ("seq", line.Seq), ("key", line.Key), ("copies", line.Copies));
        }
    }
}

/// <summary>Request of get.</summary>
internal sealed record GetCall : Call
{
    /// <summary>40 hexadecimal digits.</summary>
    public required string Target { get; init; }

    /// <summary>The salt in base64.</summary>
    public string? Salt { get; init; }

    /// <summary>Which kind is wanted; null for either.</summary>
    public bool? Mutable { get; init; }

    public override Result Failed(ErrorInfo error) => new GetLine { Target = Target, Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        GetResult result = await node.GetAsync(new GetRequest(Id(Target, "target"), Bytes(Salt, "salt"), Mutable, Timeout), cancellationToken);
        var line = new GetLine { Target = Target };
        if (result.Item is not { } found)
        {
            return line with { Error = result.Report.Answered == 0 ? Nobody() : new ErrorInfo(ErrorCodes.NotFound, "nobody has the value", "a mutable value with a salt is found only with --salt") };
        }

        (byte[] content, string? text, string type) = ItemValues.Decode(found.Value.Span);
        return line with
        {
            Kind = found.Sequence is null ? "immutable" : "mutable",
            Text = text,
            Base64 = Convert.ToBase64String(content),
            Type = type,
            Seq = found.Sequence,
            Key = found.PublicKey.IsEmpty ? null : Convert.ToHexStringLower(found.PublicKey.Span),
            Copies = found.Copies,
        };
    }
}

/// <summary>Result of get.</summary>
internal sealed record GetLine : Result
{
    public required string Target { get; init; }

    public string? Kind { get; init; }

    /// <summary>The value, if it is a string of UTF-8.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>The bytes of a string; the bencode of any other value.</summary>
    public string? Base64 { get; init; }

    /// <summary>string, integer, list or dictionary.</summary>
    public string? Type { get; init; }

    public long? Seq { get; init; }

    public string? Key { get; init; }

    public int Copies { get; init; }
}
