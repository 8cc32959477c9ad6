using System.CommandLine;
using Kadath.Primitives;

namespace Kadath.Cli;

/// <summary>The options that all commands take, and those of all that ask a node.</summary>
internal sealed class CommonOptions
{
    /// <summary>Print JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object (up, follow and --stream: one a line)", Recursive = true };

    /// <summary>Addresses to bind.</summary>
    public Option<string[]> Bind { get; } = new("--bind") { Description = "Local address to bind, with or without port (repeatable)", HelpName = "ADDRESS", Recursive = true };

    /// <summary>When to end.</summary>
    public Option<string?> Timeout { get; } = new("--timeout") { Description = "End at the latest after this time (seconds, or 500ms, 30s, 5m)", HelpName = "TIME", Recursive = true };

    /// <summary>The data folder.</summary>
    public Option<string?> Data { get; } = new("--data") { Description = "Data folder (else KADATH_DATA, else the platform's)", HelpName = "FOLDER", Recursive = true };

    /// <summary>Where to begin.</summary>
    public Option<string[]> Bootstrap { get; } = new("--bootstrap") { Description = "Node to begin with, instead of the public routers (repeatable); none for none. Makes a read-only node of this command's own", HelpName = "HOST:PORT" };

    /// <summary>Use a node of its own.</summary>
    public Option<bool> Ephemeral { get; } = new("--ephemeral") { Description = "Use a read-only node of this command's own, even if the daemon runs" };

    /// <summary>Use the daemon.</summary>
    public Option<bool> Daemon { get; } = new("--daemon") { Description = "Use the daemon, and fail if it does not run" };

    /// <summary>Adds the options of a command that asks a node.</summary>
    public void AddClientOptions(Command command)
    {
        command.Add(Bootstrap);
        command.Add(Ephemeral);
        command.Add(Daemon);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Daemon) && (result.GetValue(Ephemeral) || result.GetValue(Bootstrap) is { Length: > 0 }))
            {
                result.AddError("--daemon cannot be combined with --ephemeral or --bootstrap.");
            }
        });
    }

    /// <summary>The timeout, or null if none was given.</summary>
    public TimeSpan? TimeoutOf(ParseResult parse) => parse.GetValue(Timeout) is { } text ? Targets.Duration(text) : null;

    /// <summary>The addresses to bind, or null if none was given.</summary>
    public IReadOnlyList<Endpoint>? BindOf(ParseResult parse, ushort port = 0) =>
        parse.GetValue(Bind) is { Length: > 0 } texts ? [.. texts.Select(text => Targets.Bind(text, port))] : null;

    /// <summary>The bootstrap endpoints as given; null if none was given, empty for "none".</summary>
    public IReadOnlyList<string>? BootstrapOf(ParseResult parse, Option<string[]>? option = null)
    {
        string[] given = parse.GetValue(option ?? Bootstrap) ?? [];
        string[] endpoints = [.. given.SelectMany(static g => g.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        if (given.Length == 0)
        {
            return null;
        }

        if (endpoints.Contains("none", StringComparer.Ordinal))
        {
            return endpoints.Length == 1 ? [] : throw CliException.Usage("--bootstrap none cannot be combined with endpoints", "leave one of them out");
        }

        Array.ForEach(endpoints, Targets.CheckHostPort);
        return endpoints;
    }
}
