using System.CommandLine;
using System.CommandLine.Help;
using Kadath.Cli.Commands;
using Kadath.Cli.Tls;

namespace Kadath.Cli;

/// <summary>The whole command line.</summary>
internal static class Root
{
    /// <summary>Builds it.</summary>
    public static RootCommand Create(CommandFactory factory)
    {
        CommonOptions options = factory.Options;
        var root = new RootCommand("A Kademlia DHT node for the BitTorrent Mainline network: daemon and client in one program.")
        {
            DemoCommand.Create(factory),
            UpCommand.Create(factory),
            PingCommand.Create(factory),
            FindNodeCommand.Create(factory),
            PeersCommand.Create(factory),
            AnnounceCommand.Create(factory),
            ScrapeCommand.Create(factory),
            PutCommand.Create(factory),
            GetCommand.Create(factory),
            KeygenCommand.Create(factory),
            FollowCommand.Create(factory),
            SampleCommand.Create(factory),
            StatusCommand.Create(factory),
            TlsCommand.Create(factory),
            DoctorCommand.Create(factory),
            SimCommand.Create(factory),
            CompletionCommand.Create(factory),
        };
        root.Add(options.Json);
        root.Add(options.Bind);
        root.Add(options.Timeout);
        root.Add(options.Data);
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
            {
                option.Action = new HelpWithExamples(help, factory);
            }
        }

        return root;
    }
}
