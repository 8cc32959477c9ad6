using System.Text;

namespace Kadath.Cli.Control;

/// <summary>Reads lines of bounded length from a stream, and can look for the next one before the present one is done with.</summary>
internal sealed class LineReader(Stream stream, int maxBytes)
{
    private readonly byte[] _buffer = new byte[maxBytes];
    private int _filled;
    private Task<string?>? _peeked;

    /// <summary>The next line without its end, or null at the end of the stream or at a line that is too long.</summary>
    public Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        Task<string?> line = PeekAsync(cancellationToken);
        _peeked = null;
        return line;
    }

    /// <summary>Begins to read the next line, which <see cref="ReadAsync"/> then gives.</summary>
    public Task<string?> PeekAsync(CancellationToken cancellationToken) => _peeked ??= NextAsync(cancellationToken);

    private async Task<string?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');
            if (end >= 0)
            {
                string line = Encoding.UTF8.GetString(_buffer, 0, end);
                _filled -= end + 1;
                _buffer.AsSpan(end + 1, _filled).CopyTo(_buffer);
                return line;
            }

            int read = _filled == maxBytes ? 0 : await stream.ReadAsync(_buffer.AsMemory(_filled), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _filled += read;
        }
    }
}
