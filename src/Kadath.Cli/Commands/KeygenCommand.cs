using System.CommandLine;
using Kadath.Node;

namespace Kadath.Cli.Commands;

/// <summary>Makes a key for mutable items.</summary>
internal static class KeygenCommand
{
    public static Command Create(CommandFactory factory)
    {
        var file = new Argument<string>("FILE") { Description = "Where to write the secret; a file that exists is never replaced" };
        Command command = factory.Plain("keygen", "Make a key for mutable values", "kadath keygen my.key", "kadath put 'version 1' --key my.key");
        command.Add(file);
        command.SetAction(parse =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.Guard(writer, () =>
            {
                _ = factory.Options.TimeoutOf(parse);
                string path = Path.GetFullPath(parse.GetRequiredValue(file));
                using ItemKey key = ItemKey.Create();
                KeyFile.Write(path, key);
                var line = new KeygenLine { PublicKey = Convert.ToHexStringLower(key.PublicKey.Span), File = path };
                return writer.End(line, static (console, l) => console.Facts(("public key", l.PublicKey), ("file", l.File)));
            });
        });
        return command;
    }
}

/// <summary>Result of keygen.</summary>
internal sealed record KeygenLine : Result
{
    public required string PublicKey { get; init; }

    public required string File { get; init; }
}
