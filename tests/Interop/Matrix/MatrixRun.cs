using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>
/// The cells of the table and the mixed network, begun together: the peers that take minutes before they look anything up, and cost nothing
/// meanwhile, wait beside each other. The others run a few at a time.
/// </summary>
public sealed class MatrixRun : IAsyncLifetime
{
    /// <summary>The cells of the table.</summary>
    internal Interplay Interplay { get; } = new();

    /// <summary>The mixed network.</summary>
    internal Networks Networks { get; private set; } = null!;

    /// <summary>Starts everything that is here.</summary>
    public async ValueTask InitializeAsync()
    {
        Networks = await Networks.StartAsync();
        Task quick = Interplay.Begin(Networks.JoinedAsync());
        Networks.Begin(quick);
    }

    /// <summary>Ends everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await Interplay.DisposeAsync();
        await Networks.DisposeAsync();
    }
}

/// <summary>The classes of tests that look at one <see cref="MatrixRun"/>.</summary>
[CollectionDefinition(nameof(MatrixRun))]
public sealed class MatrixCollection : ICollectionFixture<MatrixRun>;
