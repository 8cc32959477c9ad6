namespace Kadath.Simulator.Adversaries;

/// <summary>What a dishonest node does. All of them join and keep a table as honest nodes do.</summary>
public enum AdversaryBehaviour
{
    /// <summary>Answers every query at once with the colluders closest to its target, under ids that fit their addresses; names no honest node, drops stores.</summary>
    Collude,

    /// <summary>Colludes from the moment at which the measured lookups start; until then it plays by the rules.</summary>
    ColludeLate,

    /// <summary>Answers pings only.</summary>
    Silent,

    /// <summary>Names nodes close to the target that do not exist, at addresses that their ids fit.</summary>
    DeadFakes,

    /// <summary>Names colluders under invented ids next to the target, under which they then answer.</summary>
    Fabricate,
}
