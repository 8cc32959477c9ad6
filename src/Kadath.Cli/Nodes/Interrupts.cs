using System.Runtime.InteropServices;

namespace Kadath.Cli.Nodes;

/// <summary>Turns SIGINT and SIGTERM into a cancellation. A second signal, or an end that takes too long, ends the process at once.</summary>
internal sealed partial class Interrupts : IDisposable
{
    /// <summary>Callers are promised an end within five seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4.5);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly int _exitCode;
    private int _signals;

    /// <summary>Listens from now on.</summary>
    /// <param name="exitCode">The exit code of a process that has to be ended the hard way.</param>
    public Interrupts(int exitCode)
    {
        _exitCode = exitCode;
        HeedInterrupts();
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True once a signal came.</summary>
    public bool Came => _source.IsCancellationRequested;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    /// <summary>
    /// A shell without job control starts background commands with SIGINT ignored, and .NET respects that. Whoever sends SIGINT to kadath by
    /// name means it.
    /// </summary>
    private static void HeedInterrupts()
    {
        const int sigint = 2;
        if (!OperatingSystem.IsWindows())
        {
            SetDisposition(sigint, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetDisposition(int signal, nint handler);

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit(_exitCode);
        }

        _ = Task.Delay(Patience).ContinueWith(_ => Environment.Exit(_exitCode), TaskScheduler.Default);
        _source.Cancel();
    }
}
