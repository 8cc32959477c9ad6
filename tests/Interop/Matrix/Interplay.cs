using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>Fills cells: one lab for each peer and family, started when first needed, ended after its last cell.</summary>
internal sealed class Interplay : IAsyncDisposable
{
    private readonly Dictionary<(string Peer, Family Family), Task<Lab>> _labs = [];
    private readonly Dictionary<Cell, Task<Verdict>> _begun = [];
    private readonly Lock _lock = new();

    /// <summary>All cells, peer by peer.</summary>
    public static IEnumerable<Cell> Cells =>
        from peer in PeerCatalog.Names
        from family in Enum.GetValues<Family>()
        from operation in Enum.GetValues<Operation>()
        from direction in Enum.GetValues<Direction>()
        select new Cell(peer, operation, direction, family);

    /// <summary>The peers that take minutes before they look anything up, and are idle meanwhile.</summary>
    public static IReadOnlyList<string> Slow { get; } = [Transmission.PeerName, Rtorrent.PeerName];

    /// <summary>What was seen in a cell; after <see cref="Begin"/>.</summary>
    public Task<Verdict> ResultAsync(Cell cell) => _begun[cell];

    /// <summary>
    /// Begins to fill all cells of the peers that are here: of the slow ones beside each other and at once, of the others in lanes when
    /// <paramref name="before"/> has ended. Returns the end of the lanes.
    /// </summary>
    public Task Begin(Task before)
    {
        Lanes lanes = new(before);
        foreach (string peer in PeerCatalog.Names.Where(peer => PeerHome.Missing(peer) is null))
        {
            bool slow = Slow.Contains(peer);
            Task last = slow ? Task.CompletedTask : lanes.Shortest;
            int length = 0;
            foreach (Family family in Enum.GetValues<Family>())
            {
                foreach (Cell cell in Cells.Where(cell => cell.Peer == peer && cell.Family == family))
                {
                    Task<Verdict> turn = AfterAsync(last, cell);
                    _begun[cell] = turn;
                    last = turn;
                    length++;
                }

                last = CloseAfterAsync(last, peer, family);
            }

            if (!slow)
            {
                lanes.Lengthen(last, length);
            }
        }

        return lanes.End;
    }

    private async Task CloseAfterAsync(Task before, string peer, Family family)
    {
        await before;
        await CloseAsync(peer, family);
    }

    private async Task<Verdict> AfterAsync(Task before, Cell cell)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await RunAsync(cell);
    }

    private async Task<Verdict> RunAsync(Cell cell)
    {
        Lab lab;
        try
        {
            lab = await LabAsync(cell.Peer, cell.Family);
        }
        catch (PeerException failed) when (cell.Family == Family.IPv6)
        {
            return Verdict.NotSpoken(failed.Message.Split('\n')[0]);
        }
        catch (Exception failed)
        {
            return Verdict.Fail($"{failed.GetType().Name}: {failed.Message}");
        }

        try
        {
            return cell.Direction == Direction.KadathAsks
                ? await KadathAsks.RunAsync(lab, cell.Operation)
                : await PeerAsks.RunAsync(lab, cell.Operation);
        }
        catch (Exception failed)
        {
            return Verdict.Fail($"{failed.GetType().Name}: {failed.Message}");
        }
    }

    /// <summary>Ends a lab, so that its processes do not weigh on what comes after.</summary>
    private async Task CloseAsync(string peer, Family family)
    {
        Task<Lab>? started;
        lock (_lock)
        {
            _labs.Remove((peer, family), out started);
        }

        if (started is not null)
        {
            await EndAsync(started);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (Task<Lab> lab in _labs.Values)
        {
            await EndAsync(lab);
        }
    }

    private static async Task EndAsync(Task<Lab> started)
    {
        Lab lab;
        try
        {
            lab = await started;
        }
        catch (Exception)
        {
            // Reported by the cells.
            return;
        }

        await lab.DisposeAsync();
    }

    private Task<Lab> LabAsync(string peer, Family family)
    {
        lock (_lock)
        {
            if (!_labs.TryGetValue((peer, family), out Task<Lab>? lab))
            {
                lab = Task.Run(() => Lab.StartAsync(peer, family));
                _labs[(peer, family)] = lab;
            }

            return lab;
        }
    }
}
