using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>Fills cells: one lab for each peer and family, started when first needed, kept until the end.</summary>
internal sealed class Interplay : IAsyncDisposable
{
    private readonly Dictionary<(string Peer, Family Family), Task<Lab>> _labs = [];
    private readonly Lock _lock = new();

    /// <summary>All cells, peer by peer.</summary>
    public static IEnumerable<Cell> Cells =>
        from peer in PeerCatalog.Names
        from family in Enum.GetValues<Family>()
        from operation in Enum.GetValues<Operation>()
        from direction in Enum.GetValues<Direction>()
        select new Cell(peer, operation, direction, family);

    /// <summary>Runs what a cell asks for and returns what was seen.</summary>
    public async Task<Verdict> FillAsync(Cell cell)
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

    /// <summary>Begins to start a lab before its turn.</summary>
    public void Prepare(string peer, Family family) => _ = LabAsync(peer, family);

    /// <summary>Ends a lab, so that its processes do not weigh on what comes after.</summary>
    public async Task CloseAsync(string peer, Family family)
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
