namespace Kadath.Tls;

/// <summary>What a call of <see cref="TlsConnection.Receive"/> came to.</summary>
public enum TlsReadKind
{
    /// <summary>There is no whole record yet: call again with more bytes behind the same ones.</summary>
    NeedsMore,

    /// <summary>A record was taken that held no data for the application. Look at pause and output, then call again.</summary>
    Handled,

    /// <summary>A record with application data was opened in place.</summary>
    ApplicationData,

    /// <summary>A record with early data was opened in place: an attacker may have replayed it.</summary>
    EarlyData,

    /// <summary>A pause is open: nothing is taken before it is answered.</summary>
    Paused,

    /// <summary>The peer has closed its side properly. What follows is ignored.</summary>
    Closed,

    /// <summary>The connection has failed, see its fault; output may hold an alert.</summary>
    Failed,
}

/// <summary>What a call of <see cref="TlsConnection.Receive"/> came to, and where the plaintext lies in the input.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Consumed">Bytes that were taken from the front of the input.</param>
/// <param name="Offset">Where the plaintext begins in the input.</param>
/// <param name="Length">Bytes of plaintext; may be 0.</param>
public readonly record struct TlsRead(TlsReadKind Kind, int Consumed = 0, int Offset = 0, int Length = 0);
