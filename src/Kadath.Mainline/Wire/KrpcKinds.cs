namespace Kadath.Mainline.Wire;

/// <summary>The kind of a message: the <c>y</c> key.</summary>
internal enum KrpcKind : byte
{
    None,
    Query,
    Response,
    Error,
}

/// <summary>The method of a query: the <c>q</c> key.</summary>
internal enum KrpcMethod : byte
{
    /// <summary>No method was given.</summary>
    None,

    /// <summary>BEP 5.</summary>
    Ping,

    /// <summary>BEP 5.</summary>
    FindNode,

    /// <summary>BEP 5.</summary>
    GetPeers,

    /// <summary>BEP 5.</summary>
    AnnouncePeer,

    /// <summary>BEP 44.</summary>
    Get,

    /// <summary>BEP 44.</summary>
    Put,

    /// <summary>BEP 51.</summary>
    SampleInfohashes,

    /// <summary>A method that nobody here knows.</summary>
    Unknown,
}

/// <summary>Which families of nodes a query wants (BEP 32).</summary>
[Flags]
internal enum KrpcWant : byte
{
    /// <summary>Nothing said: the family of the transport.</summary>
    None = 0,

    /// <summary>n4.</summary>
    V4 = 1,

    /// <summary>n6.</summary>
    V6 = 2,
}

/// <summary>Keys that were present with a value of the right type, where a default value would not tell.</summary>
[Flags]
internal enum KrpcFields : ushort
{
    None = 0,
    Sequence = 1,
    Cas = 2,
    Port = 4,
    ImpliedPort = 8,
    Seed = 16,
    NoSeed = 32,
    Scrape = 64,
    ReadOnly = 128,
    Interval = 256,
    Total = 512,
    Arguments = 1024,
}

/// <summary>Error codes (BEP 5, BEP 44).</summary>
internal enum KrpcError : ushort
{
    None = 0,

    /// <summary>Something else went wrong.</summary>
    Generic = 201,

    /// <summary>We cannot at the moment: busy, or the disk failed.</summary>
    Server = 202,

    /// <summary>Malformed arguments, or a bad token.</summary>
    Protocol = 203,

    /// <summary>Unknown method.</summary>
    UnknownMethod = 204,

    /// <summary>The value is larger than 1,000 bytes.</summary>
    ValueTooBig = 205,

    /// <summary>The signature does not fit.</summary>
    BadSignature = 206,

    /// <summary>The salt is longer than 64 bytes.</summary>
    SaltTooBig = 207,

    /// <summary>The stored sequence number is not the expected one.</summary>
    CasMismatch = 301,

    /// <summary>The sequence number is lower than the stored one, or equal with another value.</summary>
    SequenceTooLow = 302,
}
