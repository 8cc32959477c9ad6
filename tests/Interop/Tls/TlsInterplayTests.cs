using Kadath.Tests.Interop.Matrix;
using Xunit;

namespace Kadath.Tests.Interop.Tls;

/// <summary>Every peer, feature and role.</summary>
public sealed class TlsInterplayTests
{
    public static TheoryData<string, string, string> Cells => [.. TlsCell.All.Select(static cell => (cell.Peer, $"{cell.Feature}", $"{cell.Role}"))];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_peer_and_Kadath_understand_each_other(string peer, string feature, string role)
    {
        string? missing = TlsPeer.Named(peer).Missing;
        Assert.SkipWhen(missing is not null, $"{peer}: {missing}");
        TlsCell cell = new(peer, Enum.Parse<TlsFeature>(feature), Enum.Parse<TlsRole>(role));
        Verdict seen = await TlsInterplay.RunAsync(cell);
        Verdict expected = TlsExpectations.Of(cell);
        Assert.True(seen.Kind == expected.Kind, $"{cell}: expected {expected.Short}, saw {seen.Short} ({seen.Detail})");
    }
}
