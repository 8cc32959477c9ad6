// A node inside a host: it starts and stops with the program, logs where the program logs, and keeps its table in a folder.
using Kadath;
using Kadath.Node;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddKadath(options =>
{
    options.Bind.Add("127.0.0.1:0");
    options.DataFolder = Path.Combine(Path.GetTempPath(), "kadath-sample");
});
builder.Services.AddHostedService<Reporter>();
await builder.Build().RunAsync();

/// <summary>Says every few seconds how the node fares.</summary>
internal sealed class Reporter(KadathHost kadath) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        MainlineNode node = await kadath.Mainline.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            MainlineStatus status = await node.GetStatusAsync(stoppingToken);
            Console.WriteLine($"{status.Sockets.Sum(socket => socket.Contacts)} contacts, {status.Counters.QueriesIn} queries answered, store {status.Store.Mode}");
            await Task.Delay(TimeSpan.FromSeconds(5), stoppingToken);
        }
    }
}
