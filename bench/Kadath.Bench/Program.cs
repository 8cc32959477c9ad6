using System.Reflection;
using BenchmarkDotNet.Running;
using Kadath.Bench.Node;

if (args is ["serve", .. string[] rest])
{
    return await ServeCommand.RunAsync(rest);
}

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
