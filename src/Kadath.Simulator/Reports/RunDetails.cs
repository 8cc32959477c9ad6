namespace Kadath.Simulator;

/// <summary>What a report holds beyond numbers. Looking steers nothing: a run has the same trace hash with details and without.</summary>
public sealed record RunDetails
{
    /// <summary>Whether to look at every node at the end of the run: <see cref="SimulationReport.Picture"/>.</summary>
    public bool Picture { get; init; }

    /// <summary>The measured lookup whose course is noted: 1 for the first that began; 0 for none.</summary>
    public int Lookup { get; init; }
}
