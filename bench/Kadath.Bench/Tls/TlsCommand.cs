using System.Globalization;

namespace Kadath.Bench.Tls;

/// <summary>
/// <c>tls [handshakes|server|bulk|idle|negotiation]…</c>: TLS beside SslStream, and beside rustls where the foreign peers are installed, in one run, as tables in Markdown.
/// </summary>
internal static class TlsCommand
{
    public static async Task<int> RunAsync(string[] parts)
    {
        parts = parts.Length == 0 ? ["handshakes", "server", "bulk", "idle", "negotiation"] : parts;
        foreach (string part in parts)
        {
            switch (part)
            {
                case "handshakes": await HandshakeRows.PrintAsync(); break;
                case "server": await ServerRows.PrintAsync(); break;
                case "bulk": await BulkRows.PrintAsync(); break;
                case "idle": await IdleRows.PrintAsync(); break;
                case "negotiation": await NegotiationRows.PrintAsync(); break;
                default: Console.Error.WriteLine($"there is no part '{part}'"); return 2;
            }

            Console.WriteLine();
        }

        return 0;
    }

    public static string Text(double value) => value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
