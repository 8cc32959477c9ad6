using Kadath.Tls.Streams;

namespace Kadath.Cli.Tls;

/// <summary>Moves bytes in chunks of 64 KiB, with key updates between them.</summary>
internal static class TlsTransfer
{
    public const int ChunkBytes = 65536;

    /// <summary>Sends a pattern and checks that it comes back.</summary>
    /// <returns>Bytes in and out.</returns>
    /// <exception cref="IOException">The peer sent back something else, or less.</exception>
    public static async Task<(long In, long Out)> ExchangeAsync(TlsStream stream, long bytes, long sentEarly, int keyUpdate, CancellationToken cancellation)
    {
        Task sending = SendAsync(stream, bytes, sentEarly, keyUpdate, cancellation);
        byte[] buffer = new byte[ChunkBytes];
        long received = 0;
        while (received < bytes)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes - received)), cancellation);
            if (read == 0)
            {
                throw new IOException($"the peer closed after {received} of {bytes} bytes");
            }

            for (int i = 0; i < read; i++)
            {
                if (buffer[i] != PatternAt(received + i))
                {
                    throw new IOException($"byte {received + i} came back changed");
                }
            }

            received += read;
        }

        await sending;
        return (received, bytes);
    }

    /// <summary>The bytes of the pattern from an offset on.</summary>
    public static void Fill(Span<byte> buffer, long offset)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = PatternAt(offset + i);
        }
    }

    private static async Task SendAsync(TlsStream stream, long bytes, long sent, int keyUpdate, CancellationToken cancellation)
    {
        byte[] buffer = new byte[ChunkBytes];
        KeyUpdates updates = new(stream, keyUpdate);
        while (sent < bytes)
        {
            int count = (int)Math.Min(buffer.Length, bytes - sent);
            Fill(buffer.AsSpan(0, count), sent);
            await updates.BeforeAsync(count, cancellation);
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellation);
            sent += count;
        }
    }

    // 251 is prime: no period of it falls on the borders of records.
    private static byte PatternAt(long offset) => (byte)('a' + (offset % 251 % 26));

    /// <summary>Updates keys before every Nth 64 KiB, and asks the peer to do so too.</summary>
    internal sealed class KeyUpdates(TlsStream stream, int every)
    {
        private long _sent;
        private long _next = every * (long)ChunkBytes;

        public async ValueTask BeforeAsync(int bytes, CancellationToken cancellation)
        {
            if (every > 0 && _sent + bytes >= _next)
            {
                _next += every * (long)ChunkBytes;
                await stream.UpdateKeysAsync(askPeer: true, cancellation);
            }

            _sent += bytes;
        }
    }
}
