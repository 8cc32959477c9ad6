using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>Every peer, operation, direction and address family.</summary>
[Collection(nameof(MatrixRun))]
public sealed class InterplayTests(MatrixRun run)
{
    public static TheoryData<string, string, string, string> Cells =>
        [.. Interplay.Cells.Select(cell => (cell.Peer, $"{cell.Family}", $"{cell.Operation}", $"{cell.Direction}"))];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Each_cell_of_the_table_holds_what_is_documented(string peer, string family, string operation, string direction)
    {
        Assert.SkipWhen(PeerHome.Missing(peer) is not null, $"{peer}: {PeerHome.Missing(peer)}");
        Cell cell = new(peer, Enum.Parse<Operation>(operation), Enum.Parse<Direction>(direction), Enum.Parse<Family>(family));
        Verdict seen = await run.Interplay.ResultAsync(cell);
        Assert.True(Expectations.Allow(cell, seen), $"{cell}: expected {Expectations.Of(cell).Short}, saw {seen.Short} ({seen.Detail})");
    }
}
