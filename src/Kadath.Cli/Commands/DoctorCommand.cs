using System.CommandLine;
using Kadath.Cli.Nodes;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Examines what a node needs, and says what to do about what it lacks.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandFactory factory)
    {
        Command command = factory.Client("doctor", "Check bind, firewall, reachability, bootstrap, clock, id and disk", "kadath doctor", "kadath doctor --bind 127.0.0.1 --bootstrap 127.0.0.1:6881 --json");
        command.SetAction((parse, _) =>
        {
            ResultWriter writer = factory.Writer(parse);
            return factory.GuardAsync(writer, async () =>
            {
                using var interrupts = new Interrupts(ExitCodes.Interrupted);
                var examination = new Doctor(factory.Options, parse, writer);
                try
                {
                    return writer.End(await examination.ExamineAsync(interrupts.Token), Render);
                }
                catch (OperationCanceledException) when (interrupts.Came)
                {
                    return writer.Fail(new ErrorInfo(ErrorCodes.Interrupted, "interrupted", null));
                }
            });
        });
        return command;
    }

    private static void Render(IAnsiConsole console, DoctorLine line)
    {
        Table table = Tables.Create("check", "verdict", "finding");
        foreach (DoctorCheck check in line.Checks)
        {
            table.Row(check.Name, check.Verdict, check.Detail);
            if (check.Remedy is not null)
            {
                table.Row("", "", $"→ {check.Remedy}");
            }
        }

        console.Write(table);
        console.Facts(("verdict", line.Verdict));
    }
}

/// <summary>Result of doctor.</summary>
internal sealed record DoctorLine : Result
{
    public required string Verdict { get; init; }

    public required IReadOnlyList<DoctorCheck> Checks { get; init; }
}

/// <summary>One check.</summary>
/// <param name="Name">bind, firewall, reachability, bootstrap, clock, id or disk.</param>
/// <param name="Verdict">ok, warn, fail or skipped.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do; null where nothing is needed.</param>
internal sealed record DoctorCheck(string Name, string Verdict, string Detail, string? Remedy)
{
    public static DoctorCheck Ok(string name, string detail) => new(name, "ok", detail, null);

    public static DoctorCheck Warn(string name, string detail, string remedy) => new(name, "warn", detail, remedy);

    public static DoctorCheck Fail(string name, string detail, string? remedy) => new(name, "fail", detail, remedy);

    public static DoctorCheck Skipped(string name, string detail, string? remedy = null) => new(name, "skipped", detail, remedy);
}
