namespace Kadath.Tls.Streams;

/// <summary>Why a peer was let in.</summary>
public enum PeerState
{
    /// <summary>It showed nothing about itself, and was not asked to.</summary>
    Anonymous,

    /// <summary>It holds the key that it showed, and nobody checked whether that key is to be trusted.</summary>
    Unauthenticated,

    /// <summary>Its chain leads to a trusted authority, and its name is the one that was dialled.</summary>
    Chain,

    /// <summary>Its key is pinned.</summary>
    Pinned,

    /// <summary>The caller's verifier said yes.</summary>
    Verified,

    /// <summary>It holds the key that both were given beforehand.</summary>
    PreSharedKey,
}
