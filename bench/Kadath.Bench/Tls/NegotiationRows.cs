using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using Kadath.Crypto;
using Kadath.Tls;

namespace Kadath.Bench.Tls;

/// <summary>
/// What the adaptive negotiation is worth: the suite that it and the fixed order choose for clients of either order, and what a record of 1200
/// bytes then costs here. In this process, and in one that may not use the processor's AES (<c>DOTNET_EnableAES=0</c>).
/// </summary>
internal static class NegotiationRows
{
    private const int RecordBytes = 1200;

    private static readonly CipherSuite[] AesFirst = [CipherSuite.Aes128GcmSha256, CipherSuite.Aes256GcmSha384, CipherSuite.ChaCha20Poly1305Sha256];

    private static readonly CipherSuite[] ChaChaFirst = [CipherSuite.ChaCha20Poly1305Sha256, CipherSuite.Aes128GcmSha256, CipherSuite.Aes256GcmSha384];

    public static async Task PrintAsync()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_EnableAES") != "0")
        {
            Console.WriteLine("| AES instructions | server's order | client's order | negotiation | suite | record of 1200 bytes, ns |");
            Console.WriteLine("| --- | --- | --- | --- | --- | ---: |");
        }

        Dictionary<CipherSuite, double> costs = AesFirst.ToDictionary(static suite => suite, Cost);
        NegotiationFacts facts = new() { SuiteCosts = costs };
        foreach (CipherSuite[] server in new[] { AesFirst, ChaChaFirst })
        {
            foreach (CipherSuite[] client in new[] { AesFirst, ChaChaFirst })
            {
                foreach (INegotiation negotiation in new INegotiation[] { new OrderedNegotiation(), new AdaptiveNegotiation() })
                {
                    CipherSuite chosen = negotiation.Choose(new NegotiationInput([NamedGroup.X25519MLKEM768], [NamedGroup.X25519MLKEM768], server, client, facts)).Suite;
                    string mark = server[0] == TlsPolicy.Default.Suites[0] ? " (default)" : "";
                    Console.WriteLine($"| {(Aes.IsSupported ? "yes" : "no")} | {First(server)}{mark} | {First(client)} | {(negotiation is AdaptiveNegotiation ? "adaptive" : "fixed")} | {chosen} | {costs[chosen]:0} |");
                }
            }
        }

        if (Environment.GetEnvironmentVariable("DOTNET_EnableAES") != "0")
        {
            ProcessStartInfo again = new(Environment.ProcessPath!, ["tls", "negotiation"]);
            again.Environment["DOTNET_EnableAES"] = "0";
            using Process without = Process.Start(again)!;
            await without.WaitForExitAsync();
        }
    }

    private static string First(CipherSuite[] order) => order[0] == CipherSuite.Aes128GcmSha256 ? "AES first" : "ChaCha20 first";

    /// <summary>Nanoseconds of processor time to seal a record: the best of several rounds, once it is warm.</summary>
    private static double Cost(CipherSuite suite)
    {
        const int rounds = 60, count = 2000;
        IAead aead = suite switch
        {
            CipherSuite.Aes128GcmSha256 => CryptoProvider.Default.Aes128Gcm,
            CipherSuite.Aes256GcmSha384 => CryptoProvider.Default.Aes256Gcm,
            _ => CryptoProvider.Default.ChaCha20Poly1305,
        };
        using AeadKey key = aead.CreateKey(new byte[aead.KeyBytes]);
        byte[] record = new byte[RecordBytes], output = new byte[RecordBytes + 16], nonce = new byte[AeadKey.NonceBytes];
        double best = double.PositiveInfinity;
        for (int round = 0; round < rounds; round++)
        {
            long began = ThreadCpuTime.Nanoseconds();
            for (int i = 0; i < count; i++)
            {
                key.Seal(nonce, [], record, output);
            }

            best = Math.Min(best, (ThreadCpuTime.Nanoseconds() - began) / (double)count);
            Thread.Sleep(10); // The compiler's thread needs a turn.
        }

        return best;
    }
}
