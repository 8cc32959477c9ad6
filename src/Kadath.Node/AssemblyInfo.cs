using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Kadath.Tests.Node")]
