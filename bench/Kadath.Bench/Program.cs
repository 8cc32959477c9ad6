using System.Reflection;
using BenchmarkDotNet.Running;
using Kadath.Bench.Beside;
using Kadath.Bench.Node;

if (args is ["serve", .. string[] rest])
{
    return await ServeCommand.RunAsync(rest);
}

if (args is ["beside", .. string[] choice])
{
    return await BesideCommand.RunAsync(choice);
}

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
