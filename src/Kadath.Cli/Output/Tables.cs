using System.Globalization;
using Spectre.Console;

namespace Kadath.Cli;

/// <summary>Tables whose cells are plain text: nothing in them is ever read as markup or as a terminal's control sequence.</summary>
internal static class Tables
{
    /// <summary>The console of standard output; without a terminal it is plain and as wide as its lines.</summary>
    public static IAnsiConsole Console()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Out) });
        if (System.Console.IsOutputRedirected)
        {
            console.Profile.Width = 1000;
        }

        return console;
    }

    /// <summary>A table with these columns.</summary>
    public static Table Create(params ReadOnlySpan<string> columns)
    {
        var table = new Table { Border = System.Console.IsOutputRedirected ? TableBorder.None : TableBorder.Rounded };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)) { NoWrap = true });
        }

        return table;
    }

    /// <summary>Adds a row of plain text.</summary>
    public static Table Row(this Table table, params ReadOnlySpan<object?> cells)
    {
        var texts = new Text[cells.Length];
        for (int n = 0; n < cells.Length; n++)
        {
            texts[n] = new Text(Printable.Line(Convert.ToString(cells[n], CultureInfo.InvariantCulture) ?? ""));
        }

        table.AddRow(texts);
        return table;
    }

    /// <summary>Names and values, one a line; those without a value are left out.</summary>
    public static void Facts(this IAnsiConsole console, params ReadOnlySpan<(string Name, object? Value)> facts)
    {
        int width = 14;
        foreach ((string name, _) in facts)
        {
            width = Math.Max(width, name.Length + 2);
        }

        foreach ((string name, object? value) in facts)
        {
            if (value is not null)
            {
                console.WriteLine($"{name.PadRight(width)}{Printable.Line(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", 4000)}");
            }
        }
    }

    /// <summary>The outcomes of a store.</summary>
    public static void Outcomes(this IAnsiConsole console, IReadOnlyList<NodeLine> nodes)
    {
        if (nodes.Count == 0)
        {
            return;
        }

        Table table = Create("node", "endpoint", "outcome", "");
        foreach (NodeLine node in nodes)
        {
            table.Row(node.Id, node.Endpoint, node.Outcome, node.Code is null ? node.Message : $"{node.Code} {node.Message}");
        }

        console.Write(table);
    }
}
