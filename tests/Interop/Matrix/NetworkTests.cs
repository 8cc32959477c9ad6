using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>Mixed networks, with Kadath as the node that everybody joins through, in the middle, and as a leaf.</summary>
public sealed class NetworkTests(NetworkTests.Fixture fixture) : IClassFixture<NetworkTests.Fixture>
{
    public static TheoryData<string, string> Places => [.. from peer in PeerCatalog.Names from role in Enum.GetNames<Role>() select (peer, role)];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Implementations_find_each_other_through_Kadath_in_every_role(string peer, string role)
    {
        Assert.SkipWhen(PeerHome.Missing(peer) is not null, $"{peer}: {PeerHome.Missing(peer)}");
        Verdict seen = await fixture.Networks.ResultAsync(peer, Enum.Parse<Role>(role));
        Assert.True(seen.Kind == VerdictKind.Ok, $"{peer}, Kadath as {role}: {seen.Short} ({seen.Detail})");
    }

    /// <summary>One network for all.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal Networks Networks { get; private set; } = null!;

        /// <inheritdoc/>
        public async ValueTask InitializeAsync() => Networks = await Networks.StartAsync();

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => Networks.DisposeAsync();
    }
}
