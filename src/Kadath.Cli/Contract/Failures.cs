namespace Kadath.Cli;

/// <summary>Why a command failed, as scripts see it.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Message">One line: what went wrong.</param>
/// <param name="Hint">One line: what to do about it; null where nothing helps.</param>
internal sealed record ErrorInfo(string Code, string Message, string? Hint);

/// <summary>The error codes, and the exit code that each means.</summary>
internal static class ErrorCodes
{
    public const string NotFound = "not-found";
    public const string NotAccepted = "not-accepted";
    public const string Usage = "usage";
    public const string Configuration = "configuration";
    public const string BindFailed = "bind-failed";
    public const string NoAnswer = "no-answer";
    public const string NoDaemon = "no-daemon";
    public const string InUse = "in-use";
    public const string Unhealthy = "unhealthy";
    public const string Internal = "internal";
    public const string Interrupted = "interrupted";

    /// <summary>The exit code of a command that failed with this code.</summary>
    public static int ExitOf(string code) => code switch
    {
        NotFound or NotAccepted => ExitCodes.Nothing,
        Usage or Configuration => ExitCodes.Usage,
        BindFailed or NoAnswer or NoDaemon or InUse or Unhealthy => ExitCodes.Unreachable,
        Interrupted => ExitCodes.Interrupted,
        _ => ExitCodes.Internal,
    };
}

/// <summary>What the process tells its caller.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Nothing = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
    public const int Internal = 4;
    public const int Interrupted = 130;
}

/// <summary>Ends a command with an error that its user can understand.</summary>
internal sealed class CliException(string code, string message, string? hint = null) : Exception(message)
{
    /// <summary>What scripts and people are told.</summary>
    public ErrorInfo Error { get; } = new(code, message, hint);

    /// <summary>A mistake in the arguments.</summary>
    public static CliException Usage(string message, string? hint) => new(ErrorCodes.Usage, message, hint);
}
