using System.Reflection;
using BenchmarkDotNet.Running;
using Kadath.Bench.Beside;
using Kadath.Bench.Node;
using Kadath.Bench.Simulator;
using Kadath.Bench.Tls;

if (args is ["serve", .. string[] rest])
{
    return await ServeCommand.RunAsync(rest);
}

if (args is ["beside", .. string[] choice])
{
    return await BesideCommand.RunAsync(choice);
}

if (args is ["tls", .. string[] parts])
{
    return await TlsCommand.RunAsync(parts);
}

if (args is ["simulate", .. string[] sizes])
{
    return SimulateCommand.Run(sizes);
}

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
