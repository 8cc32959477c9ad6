using System.Text.RegularExpressions;

namespace Kadath.Tests.ConstantTime;

/// <summary>The machine code of one method as the compiler printed it (<c>DOTNET_JitDisasm</c>).</summary>
/// <param name="Method">Class and method, without namespaces, type arguments and parameters.</param>
/// <param name="Tier">What the compiler calls the kind of code: Tier0, Instrumented Tier0, Tier1-OSR, Tier1, FullOpts, …</param>
/// <param name="VariableTime">The instructions whose time depends on their operands: conditional jumps and divisions, but for those that the compiler adds itself.</param>
internal sealed partial record Listing(string Method, string Tier, IReadOnlyList<string> VariableTime)
{
    // What a jump of the compiler's own leads to: failures of bounds and other checks of public values, initialisation, tiering.
    private static readonly string[] OwnCalls =
    [
        "CORINFO_HELP_RNGCHKFAIL", "CORINFO_HELP_OVERFLOW", "CORINFO_HELP_THROWDIVZERO", "CORINFO_HELP_THROWNULLREF", "CORINFO_HELP_FAIL_FAST",
        "CORINFO_HELP_PATCHPOINT", "CORINFO_HELP_POLL_GC", "STATIC", "CORINFO_HELP_INITCLASS", "CORINFO_HELP_CHECK_OBJ", "CORINFO_HELP_STRESS_GC",
        "CORINFO_HELP_READYTORUN_GENERIC_HANDLE", "CORINFO_HELP_RUNTIMEHANDLE", "Throw",
    ];

    /// <summary>Reads a file of listings. Two threads may have written at once: listings that got mixed up are left out.</summary>
    public static IReadOnlyList<Listing> ReadAll(IEnumerable<string> lines)
    {
        List<Listing> complete = [];
        List<string> body = [];
        Match? head = null;
        var open = 0;
        var mixed = false;
        foreach (var line in lines)
        {
            if (Head().Match(line) is { Success: true } match)
            {
                mixed = open > 0 && (mixed || open > 0);
                open++;
                head = match;
                body.Clear();
            }
            else if (line.StartsWith("; Total bytes of code", StringComparison.Ordinal))
            {
                open = Math.Max(0, open - 1);
                if (open == 0 && !mixed && head is not null)
                {
                    complete.Add(new(ShortName(head.Groups[1].Value), head.Groups[2].Value, VariableTimeOf(body)));
                }

                mixed = open > 0;
                head = null;
            }
            else
            {
                body.Add(line);
            }
        }

        return complete;
    }

    /// <summary><c>Kadath.Crypto.GcmKey`1[Kadath.Crypto.GcmWide]:Process[…](…):…</c> becomes <c>GcmKey:Process</c>.</summary>
    private static string ShortName(string full)
    {
        var bare = full;
        for (string before; ;)
        {
            before = bare;
            bare = Brackets().Replace(bare, "");
            if (bare == before)
            {
                break;
            }
        }

        var end = bare.IndexOf('(', StringComparison.Ordinal);
        bare = end < 0 ? bare : bare[..end];
        var parts = bare.Split(':');
        return $"{parts[0][(parts[0].LastIndexOf('.') + 1)..].Split('`')[0]}:{parts[1][(parts[1].LastIndexOf('.') + 1)..]}";
    }

    private static List<string> VariableTimeOf(List<string> body)
    {
        List<(string Label, List<string> Code)> blocks = [];
        foreach (var line in body)
        {
            if (Label().Match(line) is { Success: true } label)
            {
                blocks.Add((label.Groups[1].Value, []));
            }
            else if (blocks.Count > 0 && line.Trim() is { Length: > 0 } instruction && instruction[0] != ';')
            {
                blocks[^1].Code.Add(instruction);
            }
        }

        List<string> found = [];

        // The first block is the prologue, where the compiler clears the stack.
        for (var i = 1; i < blocks.Count; i++)
        {
            foreach (var instruction in blocks[i].Code)
            {
                if (Division().IsMatch(instruction))
                {
                    found.Add(instruction);
                }
                else if (Jump().Match(instruction) is { Success: true } jump)
                {
                    var target = blocks.Find(block => block.Label == jump.Groups[1].Value).Code;
                    var next = i + 1 < blocks.Count ? blocks[i + 1].Code : null;
                    if (!IsOwn(target) && !(IsOwn(next) && !LeadsToThrow(next)))
                    {
                        found.Add(instruction);
                    }
                }
            }
        }

        return found;
    }

    private static bool IsOwn(List<string>? code) =>
        code?.Find(instruction => instruction.StartsWith("call", StringComparison.Ordinal)) is { } call && OwnCalls.Any(own => call.Contains(own, StringComparison.Ordinal));

    /// <summary>A block that merely follows a jump and throws says nothing of the jump.</summary>
    private static bool LeadsToThrow(List<string>? code) => code!.Any(instruction => instruction.StartsWith("call", StringComparison.Ordinal) && instruction.Contains("Throw", StringComparison.Ordinal));

    [GeneratedRegex(@"^; Assembly listing for method (.*) \(([^()]*)\)$")]
    private static partial Regex Head();

    [GeneratedRegex(@"\[[^\[\]]*\]")]
    private static partial Regex Brackets();

    [GeneratedRegex(@"^(G_M\w*_IG\d+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"^j(?!mp\b)[a-z]+\s+(?:SHORT\s+)?(G_M\w+)")]
    private static partial Regex Jump();

    [GeneratedRegex(@"^i?div\s")]
    private static partial Regex Division();
}
