using System.Globalization;

namespace Kadath.Simulator;

/// <summary>The command line that runs the same again.</summary>
public static class ReplayCommand
{
    /// <summary>The command of these options; a link model from a file is named, not spelled out.</summary>
    public static string Of(ScenarioOptions options)
    {
        var command = new List<string>
        {
            $"./kadath sim {options.Scenario} --nodes {options.Nodes} --seed {options.Seed} --lookups {options.Lookups} --rtt {options.Rtt.Name}",
        };
        foreach ((string name, int value) in ((string, int)[])[("k", options.K), ("alpha", options.Alpha), ("paths", options.Paths)])
        {
            if (value > 0)
            {
                command.Add($"--{name} {value}");
            }
        }

        command.Add(string.Create(CultureInfo.InvariantCulture, $"--hours {options.Hours}"));
        command.Add(options.IdealTables ? "--tables ideal" : "--tables grown");
        command.AddRange(options.Settings.OrderBy(static s => s.Key, StringComparer.Ordinal)
            .Select(static s => s.Key is "share" or "behaviour" ? $"--{s.Key} {s.Value}" : $"--set {s.Key}={s.Value}"));
        return string.Join(' ', command);
    }
}
