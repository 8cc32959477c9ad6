using System.Text;

namespace Kadath.Tls.Streams;

/// <summary>
/// Appends the secrets of connections to a file in the format that Wireshark reads (RFC 9850, SSLKEYLOGFILE). Whoever has the file reads the
/// traffic: it is written only for streams whose options name it, never because of an environment variable.
/// </summary>
public sealed class KeyLogFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;

    /// <summary>Opens or makes a file; on Unix only its owner may read a new one.</summary>
    public KeyLogFile(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(path, options);
    }

    /// <summary>Closes the file. What connections say afterwards is not written.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    internal void Write(TlsEvent.SecretLogged secret)
    {
        string line = $"{secret.Label} {Convert.ToHexStringLower(secret.ClientRandom.Span)} {Convert.ToHexStringLower(secret.Secret.Span)}\n";
        lock (_lock)
        {
            if (_file.CanWrite)
            {
                _file.Write(Encoding.ASCII.GetBytes(line));
                _file.Flush();
            }
        }
    }
}
