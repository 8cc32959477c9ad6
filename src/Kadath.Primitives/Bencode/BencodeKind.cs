namespace Kadath.Primitives;

/// <summary>What stands at a reader's position.</summary>
public enum BencodeKind : byte
{
    /// <summary>Nothing that bencode knows, or the end of the data.</summary>
    None,

    /// <summary>An integer: <c>i…e</c>.</summary>
    Integer,

    /// <summary>A byte string: <c>n:…</c>.</summary>
    String,

    /// <summary>A list: <c>l…e</c>.</summary>
    List,

    /// <summary>A dictionary: <c>d…e</c>.</summary>
    Dictionary,

    /// <summary>The end of a list or dictionary.</summary>
    End,
}
