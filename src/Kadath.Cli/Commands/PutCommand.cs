using System.CommandLine;
using System.Text;
using Kadath.Node;
using Kadath.Primitives;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Stores a value (BEP 44).</summary>
internal static class PutCommand
{
    public static Command Create(CommandFactory factory)
    {
        var value = new Argument<string?>("VALUE") { Description = "The text to store", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Store the bytes of a file (- for standard input)", HelpName = "FILE" };
        var bencode = new Option<bool>("--bencode") { Description = "The value is bencode already: store it as it is" };
        var key = new Option<string?>("--key") { Description = "Make the value mutable, signed with the key of this file", HelpName = "FILE" };
        var salt = new Option<string?>("--salt") { Description = "Tells apart the mutable values of one key", HelpName = "TEXT" };
        var seq = new Option<long?>("--seq") { Description = "Sequence number (default: the highest seen + 1)", HelpName = "N" };
        var cas = new Option<long?>("--cas") { Description = "Store only where this sequence number is held", HelpName = "N" };
        Command command = factory.Client(
            "put", "Store a value of at most 1,000 bytes", "kadath put hello", "kadath put --file note.txt --key my.key --salt notes", "printf 'd1:ai1ee' | kadath put --file - --bencode --json");
        command.Add(value);
        foreach (Option option in (Option[])[file, bencode, key, salt, seq, cas])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool mutable = result.GetValue(key) is not null;
            if (result.GetValue(value) is null == result.GetValue(file) is null)
            {
                result.AddError("Give either a VALUE or --file.");
            }
            else if (!mutable && (result.GetValue(salt) is not null || result.GetResult(seq) is not null || result.GetResult(cas) is not null))
            {
                result.AddError("--salt, --seq and --cas need --key: only a mutable value has them.");
            }
        });
        return factory.Runs<PutLine>(
            command,
            async (parse, token) =>
            {
                byte[] content = parse.GetValue(file) is { } path ? await ReadAsync(path, token) : Encoding.UTF8.GetBytes(parse.GetValue(value)!);
                return new PutCall
                {
                    Value = Convert.ToBase64String(ItemValues.Encode(content, parse.GetValue(bencode))),
                    Secret = parse.GetValue(key) is { } keyFile ? Convert.ToBase64String(KeyFile.Read(keyFile)) : null,
                    Salt = ItemValues.Salt(parse.GetValue(salt)) is { } bytes ? Convert.ToBase64String(bytes) : null,
                    Seq = NotNegative(parse.GetValue(seq), "--seq"),
                    Cas = NotNegative(parse.GetValue(cas), "--cas"),
                };
            },
            Render);
    }

    private static long? NotNegative(long? number, string option) =>
        number is null or >= 0 ? number : throw CliException.Usage($"{option} cannot be negative", null);

    /// <summary>Reads one byte more than can be stored, so that a longer file is noticed and not read whole.</summary>
    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            byte[] buffer = new byte[ItemValues.MaxSize + 1];
            int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return length <= ItemValues.MaxSize ? buffer[..length]
                : throw CliException.Usage($"{(path == "-" ? "standard input" : path)} is longer than {ItemValues.MaxSize} bytes", "store it elsewhere, and its address here");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException(ErrorCodes.Configuration, $"{path} cannot be read: {e.Message}", null);
        }
    }

    private static void Render(IAnsiConsole console, PutLine line)
    {
        console.Outcomes(line.Nodes);
        console.Facts(("target", line.Target), ("kind", line.Kind), ("key", line.Key), ("salt", line.Salt), ("seq", line.Seq), ("stored at", $"{line.Stored} of {line.Nodes.Count} nodes"));
    }
}

/// <summary>Request of put.</summary>
internal sealed record PutCall : Call
{
    /// <summary>The bencoded value in base64.</summary>
    public required string Value { get; init; }

    /// <summary>The 32-byte seed or 64-byte expanded secret that signs a mutable value, in base64; null for an immutable one.</summary>
    public string? Secret { get; init; }

    /// <summary>The salt in base64.</summary>
    public string? Salt { get; init; }

    /// <summary>The sequence number; null for the highest seen + 1.</summary>
    public long? Seq { get; init; }

    /// <summary>Store only where this sequence number is held.</summary>
    public long? Cas { get; init; }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => nameof(PutCall);

    public override Result Failed(ErrorInfo error) => new PutLine { Target = null, Kind = Secret is null ? "immutable" : "mutable", Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        byte[] value = Bytes(Value, "value"), salt = Bytes(Salt, "salt"), secret = Bytes(Secret, "secret");
        if (!BencodeReader.IsCanonical(value) || value.Length > ItemValues.MaxSize || salt.Length > ItemValues.MaxSaltSize || Seq < 0 || Cas < 0)
        {
            throw CliException.Usage("the value must be canonical bencode of at most 1,000 bytes, the salt at most 64 bytes, and no number negative", "see docs/control-socket.md");
        }

        if (secret.Length is not (0 or 32 or 64))
        {
            throw CliException.Usage("'secret' must be 32 or 64 bytes", "see docs/control-socket.md");
        }

        using ItemKey? key = secret.Length == 0 ? null : KeyFile.Key(secret);
        Array.Clear(secret);
        PutResult result = key is null
            ? await node.PutAsync(value, Timeout, cancellationToken)
            : await node.PutAsync(new MutablePut(key, value) { Salt = salt, Sequence = Seq, Cas = Cas, Timeout = Timeout }, cancellationToken);
        return new PutLine
        {
            Target = NodeIds.ToHex(result.Target),
            Kind = key is null ? "immutable" : "mutable",
            Key = key is null ? null : Convert.ToHexStringLower(key.PublicKey.Span),
            Salt = key is null || salt.Length == 0 ? null : ItemValues.TextOf(salt) ?? Convert.ToHexStringLower(salt),
            Seq = result.Sequence,
            Stored = result.Stored,
            Nodes = [.. result.Nodes.Select(NodeLine.Of)],
            Error = result.Stored > 0 ? null : result.Report.Answered == 0 ? Nobody()
                : new ErrorInfo(ErrorCodes.NotAccepted, "no node stored the value", "the outcome at each node says why: 301 means that --cas did not match, 302 that a higher sequence number is held"),
        };
    }
}

/// <summary>Result of put.</summary>
internal sealed record PutLine : Result
{
    public required string? Target { get; init; }

    public required string Kind { get; init; }

    public string? Key { get; init; }

    public string? Salt { get; init; }

    public long? Seq { get; init; }

    public int Stored { get; init; }

    public IReadOnlyList<NodeLine> Nodes { get; init; } = [];
}
