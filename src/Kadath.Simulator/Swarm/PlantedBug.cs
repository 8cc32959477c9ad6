namespace Kadath.Simulator.Swarm;

/// <summary>
/// Mistakes that can be planted between the machines and the network, to show that the rules find them. Never in a run that does not ask.
/// </summary>
internal enum PlantedBug
{
    /// <summary>None.</summary>
    None,

    /// <summary>Some replies are sent twice.</summary>
    AnswersTwice,

    /// <summary>Some replies carry another transaction id.</summary>
    WrongTransaction,

    /// <summary>Some replies carry another id than the node's.</summary>
    WrongId,

    /// <summary>Some datagrams are cut short.</summary>
    CutShort,

    /// <summary>Some replies exceed the network's limit.</summary>
    Oversized,

    /// <summary>Some queries are followed by a reply that nobody asked for.</summary>
    AnswersUnasked,

    /// <summary>A node passes over what is due.</summary>
    SleepsOn,

    /// <summary>Some queries cost a live contact its place.</summary>
    DropsContacts,

    /// <summary>Some queries empty the table.</summary>
    EmptiesTable,

    /// <summary>A third of the nodes hears nobody any more, faults healed or not.</summary>
    GoesDeaf,
}
