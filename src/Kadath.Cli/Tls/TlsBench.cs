using System.CommandLine;
using System.Diagnostics;
using Kadath.Cli.Commands;
using Kadath.Crypto;

namespace Kadath.Cli.Tls;

/// <summary>Which fill of each primitive TLS uses on this processor, and what it costs.</summary>
internal static class TlsBench
{
    private const int MessageBytes = 1200;

    // Rounds shorter than a turn of the system's scheduler: on a busy machine most of them are not interrupted, and the median is one of those.
    private const int Rounds = 41;

    private static readonly TimeSpan Measured = TimeSpan.FromMilliseconds(1);

    // The compiler promotes code a hundred milliseconds after the last new method ran, in two steps.
    private static readonly TimeSpan LeastWarm = TimeSpan.FromMilliseconds(350), MostWarm = TimeSpan.FromMilliseconds(2500), WarmRun = TimeSpan.FromMilliseconds(30);

    public static Command Create(CommandFactory factory)
    {
        var fill = new Option<string>("--fill") { Description = "default: the fastest constant-time fill of each; managed: C# throughout; AES-128-GCM=bcl,X25519=managed: these, the others as before", HelpName = "FILL", DefaultValueFactory = static _ => "default" };
        Command command = factory.Plain("bench", "Show which code each primitive runs in here, and how fast", "kadath tls bench", "kadath tls bench --fill managed --json");
        command.Add(fill);
        command.SetAction(parse =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.Guard(writer, () =>
            {
                CryptoProvider crypto = TlsFills.Parse(parse.GetRequiredValue(fill));
                var table = Tables.Create("primitive", "fill", "operation", "µs");
                foreach ((string primitive, IPrimitive chosen) in crypto.Primitives)
                {
                    foreach ((string operation, Action run) in OperationsOf(chosen))
                    {
                        var line = new PrimitiveLine("primitive", primitive, chosen.Fill, operation, Math.Round(Measure(run), 3));
                        table.Row(line.Primitive, line.Fill, line.Operation, line.Microseconds);
                        if (writer.Json)
                        {
                            Console.Out.WriteLine(TlsJson.Line(line));
                        }
                    }
                }

                if (!writer.Json)
                {
                    writer.Console.Write(table);
                }

                return ExitCodes.Done;
            });
        });
        return command;
    }

    private static IEnumerable<(string Operation, Action Run)> OperationsOf(IPrimitive fill)
    {
        KeyEntropy entropy = KeyEntropy.OperatingSystem;
        byte[] message = new byte[MessageBytes], output = new byte[20_000];
        switch (fill)
        {
            case IHash hash:
                yield return ($"hash {MessageBytes} B", () => hash.Hash(message, output));
                break;
            case IMac mac:
                yield return ($"tag {MessageBytes} B", () => mac.Compute(message.AsSpan(0, 32), message, output));
                break;
            case IAead aead:
                AeadKey sealing = aead.CreateKey(message.AsSpan(0, aead.KeyBytes));
                yield return ($"seal {MessageBytes} B", () => sealing.Seal(message.AsSpan(0, AeadKey.NonceBytes), [], message, output));
                break;
            case IKeyAgreement agreement:
                KeyAgreementPrivateKey ours = agreement.Generate(entropy);
                byte[] theirs = new byte[agreement.PublicKeyBytes];
                agreement.Generate(entropy).CopyPublicKey(theirs);
                yield return ("agree", () => ours.TryAgree(theirs, output.AsSpan(0, agreement.SecretBytes)));
                break;
            case IKem kem:
                KemPrivateKey key = kem.Generate(entropy);
                byte[] encapsulation = new byte[kem.EncapsulationKeyBytes], ciphertext = new byte[kem.CiphertextBytes];
                key.CopyEncapsulationKey(encapsulation);
                yield return ("encapsulate", () => kem.TryEncapsulate(encapsulation, entropy, ciphertext, output.AsSpan(0, kem.SecretBytes)));
                yield return ("decapsulate", () => key.TryDecapsulate(ciphertext, output.AsSpan(0, kem.SecretBytes)));
                break;
            case ISignatureScheme scheme:
                SignaturePrivateKey signer = scheme.Generate(entropy);
                byte[] publicKey = new byte[scheme.PublicKeyBytes], signature = new byte[scheme.MaxSignatureBytes];
                signer.CopyPublicKey(publicKey);
                int length = signer.Sign(message, entropy, signature);
                yield return ("sign", () => length = signer.Sign(message, entropy, signature));
                yield return ("verify", () => scheme.Verify(publicKey, message, signature.AsSpan(0, length)));
                break;
        }
    }

    /// <summary>Microseconds of a call, once the figure has settled.</summary>
    /// <remarks>Settled: three looks in a row are no better than what came before. Bounded, for on a busy machine that can take long.</remarks>
    private static double Measure(Action run)
    {
        const double noticeable = 0.95;
        const int looks = 3;
        long began = Stopwatch.GetTimestamp();
        double best = double.PositiveInfinity;
        int settled = 0;
        TimeSpan elapsed;
        do
        {
            _ = Round(run, WarmRun);
            Thread.Sleep(5); // The compiler works on a thread of its own, which needs a turn.
            double next = Median(run);
            settled = next < best * noticeable ? 0 : settled + 1;
            best = Math.Min(best, next);
            elapsed = Stopwatch.GetElapsedTime(began);
        }
        while (elapsed < MostWarm && (settled < looks || elapsed < LeastWarm));
        return Median(run);
    }

    private static double Median(Action run)
    {
        Span<double> rounds = stackalloc double[Rounds];
        long began = Stopwatch.GetTimestamp();
        int done = 0;
        do
        {
            rounds[done++] = Round(run, Measured);
        }
        while (done < Rounds && (done < 5 || Stopwatch.GetElapsedTime(began) < 2 * Rounds * Measured));
        rounds = rounds[..done];
        rounds.Sort();
        return rounds[done / 2];
    }

    private static double Round(Action run, TimeSpan duration)
    {
        long began = Stopwatch.GetTimestamp(), calls = 0;
        TimeSpan elapsed;
        do
        {
            run();
            calls++;
            elapsed = Stopwatch.GetElapsedTime(began);
        }
        while (elapsed < duration);
        return elapsed.TotalMicroseconds / calls;
    }
}
