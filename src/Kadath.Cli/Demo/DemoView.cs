using System.Diagnostics;
using System.Globalization;
using Kadath.Cli.Commands;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Kadath.Cli.Demo;

/// <summary>
/// Shows the demonstration as it happens: on a terminal a picture that is drawn anew, else one line for each thing on standard error, so that
/// standard output holds nothing but the result.
/// </summary>
internal sealed class DemoView : IDisposable
{
    private const int LinesShown = 12;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    private readonly Lock _lock = new();
    private readonly Queue<string> _recent = new();
    private readonly List<(string Name, DemoStep? Step)> _steps = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly TaskCompletionSource _over = new();
    private readonly Task? _drawing;
    private readonly bool _silent;

    private DemoView(bool live, bool silent)
    {
        _silent = silent;
        _drawing = live ? DrawAsync() : null;
    }

    /// <summary>The view that fits: live on a terminal, plain elsewhere, none in JSON mode.</summary>
    public static DemoView Create(bool json) => new(!json && !Console.IsOutputRedirected && Console.WindowHeight > LinesShown + 12, json);

    /// <summary>A step begins.</summary>
    public void Begin(string name)
    {
        lock (_lock)
        {
            _steps.Add((name, null));
        }

        Plain($"— {name}");
    }

    /// <summary>A step ended.</summary>
    public void End(DemoStep step)
    {
        lock (_lock)
        {
            _steps[^1] = (step.Name, step);
        }

        Plain($"{(step.Ok ? "ok:" : "FAILED:")} {step.Name}: {step.Detail}");
    }

    /// <summary>Something happened.</summary>
    public void Happened(string what)
    {
        lock (_lock)
        {
            _recent.Enqueue(what);
            while (_recent.Count > LinesShown)
            {
                _recent.Dequeue();
            }
        }

        Plain(what);
    }

    /// <summary>Gives people time to read; where nobody watches, nobody waits.</summary>
    public Task PauseAsync(CancellationToken cancellationToken) => _drawing is null ? Task.CompletedTask : Task.Delay(Pause, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _over.TrySetResult();
        _drawing?.Wait(TimeSpan.FromSeconds(2));
    }

    private void Plain(string what)
    {
        if (_drawing is null && !_silent)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began).TotalSeconds,6:0.00}s  {Printable.Line(what)}"));
        }
    }

    private async Task DrawAsync() => await AnsiConsole.Live(Picture()).AutoClear(true).StartAsync(async context =>
    {
        while (!_over.Task.IsCompleted)
        {
            context.UpdateTarget(Picture());
            await Task.WhenAny(_over.Task, Task.Delay(80));
        }
    });

    private Rows Picture()
    {
        lock (_lock)
        {
            var rows = new List<IRenderable> { new Text(string.Create(CultureInfo.InvariantCulture, $"A Kademlia network on this machine, {Stopwatch.GetElapsedTime(_began).TotalSeconds:0.0} s")), new Text("") };
            foreach ((string name, DemoStep? step) in _steps)
            {
                Color color = step is null ? Color.Yellow : step.Ok ? Color.Green : Color.Red;
                string mark = step is null ? "…" : step.Ok ? "✓" : "✗";
                rows.Add(new Text(Printable.Line($"{mark} {name}{(step is null ? "" : $": {step.Detail}")}"), new Style(color)));
            }

            rows.Add(new Text(""));
            rows.AddRange(_recent.Select(static line => new Text(Printable.Line(line), new Style(Color.Grey))));
            return new Rows(rows);
        }
    }
}
