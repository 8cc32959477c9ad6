using Kadath.Node;

namespace Kadath.Cli;

/// <summary>Runs a call on a node and turns whatever it throws into its result.</summary>
internal static class CallRunner
{
    /// <summary>Never throws, except when cancelled.</summary>
    public static async Task<Result> RunAsync(Call call, MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        try
        {
            return await call.RunAsync(node, item, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            return call.Failed(Explain(e));
        }
    }

    /// <summary>What an exception means to the user.</summary>
    public static ErrorInfo Explain(Exception exception) => exception switch
    {
        CliException e => e.Error,
        KadathOptionsException e => new ErrorInfo(ErrorCodes.Configuration, e.Message, e.Hint),
        BindException e => new ErrorInfo(ErrorCodes.BindFailed, e.Message, e.Hint),
        OperationCanceledException => new ErrorInfo(ErrorCodes.NoAnswer, "no answer came in time", "give it longer with --timeout"),
        ArgumentException e => new ErrorInfo(ErrorCodes.Usage, OneLine(e.Message), null),
        _ => new ErrorInfo(ErrorCodes.Internal, $"{exception.GetType().Name}: {OneLine(exception.Message)}", "this is a fault of Kadath's own: please report it (KADATH_TRACE=1 shows where)"),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
