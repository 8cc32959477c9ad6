using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>Mixed networks, with Kadath as the node that everybody joins through, in the middle, and as a leaf.</summary>
[Collection(nameof(MatrixRun))]
public sealed class NetworkTests(MatrixRun run)
{
    public static TheoryData<string, string> Places => [.. from peer in PeerCatalog.Names from role in Enum.GetNames<Role>() select (peer, role)];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Implementations_find_each_other_through_Kadath_in_every_role(string peer, string role)
    {
        Assert.SkipWhen(PeerHome.Missing(peer) is not null, $"{peer}: {PeerHome.Missing(peer)}");
        Verdict seen = await run.Networks.ResultAsync(peer, Enum.Parse<Role>(role));
        Assert.True(seen.Kind == VerdictKind.Ok, $"{peer}, Kadath as {role}: {seen.Short} ({seen.Detail})");
    }
}
