using System.CommandLine;
using Kadath.Cli.Commands;

namespace Kadath.Cli.Tls;

/// <summary>TLS 1.3 from the command line: a server and a client to try peers with.</summary>
internal static class TlsCommand
{
    public static Command Create(CommandFactory factory)
    {
        Command command = factory.Plain("tls", "Serve and connect with TLS 1.3, post-quantum by default");
        command.Add(TlsServe.Create(factory));
        command.Add(TlsConnect.Create(factory));
        command.Add(TlsBench.Create(factory));
        return command;
    }
}
