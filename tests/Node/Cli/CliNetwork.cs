using Xunit;

namespace Kadath.Tests.Node.Cli;

/// <summary>Two daemons that know each other, for all tests of a class.</summary>
public sealed class CliNetwork : IAsyncLifetime
{
    internal CliDaemon First { get; private set; } = null!;

    internal CliDaemon Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        First = await CliDaemon.StartAsync();
        Second = await CliDaemon.StartAsync(bootstrap: First.Endpoint);
        foreach (CliDaemon daemon in (CliDaemon[])[First, Second])
        {
            for (int n = 0; n < 100 && (await daemon.RunAsync("status")).Json.GetProperty("nodes")[0].GetProperty("contacts").GetInt32() == 0; n++)
            {
                await Task.Delay(200);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
    }
}
