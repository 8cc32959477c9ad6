using Kadath.Node;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kadath;

/// <summary>The nodes of a host: starts them with it, stops them with it.</summary>
public sealed class KadathHost : IHostedService, IAsyncDisposable
{
    private readonly KadathOptions _options;
    private readonly ILogger<KadathHost> _logger;
    private readonly TaskCompletionSource<MainlineNode> _mainline = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called by the host.</summary>
    public KadathHost(IOptions<KadathOptions> options, ILogger<KadathHost> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _logger) = (options.Value, logger);
    }

    /// <summary>The Mainline node, as soon as it runs.</summary>
    public Task<MainlineNode> Mainline => _mainline.Task;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _mainline.TrySetResult(await MainlineNode.StartAsync(_options.ToNodeOptions(_logger), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception fault)
        {
            _mainline.TrySetException(fault);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_mainline.Task.IsCompletedSuccessfully)
        {
            await _mainline.Task.Result.DisposeAsync().ConfigureAwait(false);
        }
    }
}
