using Kadath.Mainline;
using Microsoft.Extensions.Logging;

namespace Kadath.Node;

// Every message that a node logs.
internal static partial class MainlineLogger
{
    [LoggerMessage(1, LogLevel.Information, "Mainline node listens on {Endpoints}, ids {Ids}")]
    private static partial void Started(ILogger logger, string endpoints, string ids);

    [LoggerMessage(2, LogLevel.Information, "Mainline node stopped")]
    private static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Critical, "Mainline node ended by a fault of its own")]
    private static partial void Broken(ILogger logger, Exception fault);

    [LoggerMessage(4, LogLevel.Information, "Socket {Socket} has found its network: {Contacts} live contacts")]
    private static partial void Bootstrapped(ILogger logger, int socket, int contacts);

    [LoggerMessage(5, LogLevel.Warning, "Socket {Socket} has lost its network and begins again")]
    private static partial void Rebootstrapping(ILogger logger, int socket);

    [LoggerMessage(6, LogLevel.Information, "Socket {Socket} is seen by others as {External}")]
    private static partial void ExternalAddress(ILogger logger, int socket, string external);

    [LoggerMessage(7, LogLevel.Information, "Socket {Socket} has the new id {Id}")]
    private static partial void IdChanged(ILogger logger, int socket, string id);

    [LoggerMessage(8, LogLevel.Error, "Store: {Alarm}")]
    private static partial void StoreAlarm(ILogger logger, string alarm);

    [LoggerMessage(9, LogLevel.Debug, "{Kind} on socket {Socket}: {Id} {Endpoint} {Count}", SkipEnabledCheck = true)]
    private static partial void Other(ILogger logger, MainlineEventKind kind, int socket, string id, string endpoint, int count);
}
