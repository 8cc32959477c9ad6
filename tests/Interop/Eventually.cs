using System.Diagnostics;

namespace Kadath.Tests.Interop;

/// <summary>Waiting for what other processes do in their own time: polls, never sleeps for a fixed time.</summary>
internal static class Eventually
{
    /// <summary>How long anything may take on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <summary>Waits until a condition holds; false if it does not in time.</summary>
    public static async Task<bool> HoldsAsync(Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan pause = TimeSpan.FromMilliseconds(30);
        while (true)
        {
            if (await condition())
            {
                return true;
            }

            if (clock.Elapsed > (limit ?? Patience))
            {
                return false;
            }

            await Task.Delay(pause);
            pause = TimeSpan.FromMilliseconds(Math.Min(pause.TotalMilliseconds * 1.5, 700));
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, TimeSpan?)"/>
    public static Task<bool> HoldsAsync(Func<bool> condition, TimeSpan? limit = null) => HoldsAsync(() => Task.FromResult(condition()), limit);

    /// <summary>Waits until a condition holds; throws if it does not in time.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        if (!await HoldsAsync(condition, limit))
        {
            throw new TimeoutException($"waited in vain: {what}");
        }
    }
}
