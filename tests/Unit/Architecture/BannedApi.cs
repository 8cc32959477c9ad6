using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Kadath.Tests.Unit.Architecture;

/// <summary>
/// Reads eng/BannedSymbols.txt and looks an assembly's metadata through for them. The analyzer sees uses in code; the
/// metadata also shows what it misses: a bare field, a base class, a signature.
/// </summary>
internal sealed class BannedApi
{
    // Banned beside the analyzer's list: whole worlds that a machine has no business with.
    private static readonly (string Namespace, string Reason)[] Worlds =
    [
        ("System.Net.Sockets", "the driver owns sockets"),
        ("System.Net.Http", "machines do no I/O"),
        ("System.Net.NetworkInformation", "machines do no I/O"),
        ("System.IO.Pipes", "machines do no I/O"),
        ("System.IO.MemoryMappedFiles", "machines do no I/O"),
        ("System.Threading.Channels", "a sink only enqueues; queues between threads belong to the driver"),
        ("System.Timers", "a machine states its next deadline; the driver wakes it"),
        ("Microsoft.Extensions", "dependency injection, options and loggers end at the drivers"),
        ("Microsoft.Data", "storage is an effect with a completion"),
    ];

    private readonly Dictionary<string, string> _types = [];
    private readonly Dictionary<string, string> _members = [];
    private readonly List<(string Namespace, string Reason)> _namespaces = [.. Worlds];

    public BannedApi(IEnumerable<string> lines)
    {
        foreach (var line in lines.Where(line => line.Length > 2 && line[1] == ':'))
        {
            var parts = line.Split(';', 2);
            var (symbol, reason) = (parts[0][2..].Split('(')[0], parts.Length > 1 ? parts[1] : "banned");
            switch (line[0])
            {
                case 'T': _types[symbol] = reason; break;
                case 'N': _namespaces.Add((symbol, reason)); break;
                case 'P': _members[symbol.Insert(symbol.LastIndexOf('.') + 1, "get_")] = reason; break;
                // Records call Object.GetHashCode in code that the compiler writes: that one is left to the analyzer.
                case 'M' when !symbol.StartsWith("System.Object.", StringComparison.Ordinal): _members[symbol] = reason; break;
            }
        }
    }

    public static BannedApi FromRepository() => new(File.ReadLines(Path.Combine(Repository.Root, "eng", "BannedSymbols.txt")));

    /// <summary>One sentence for each banned type or member that the assembly mentions, wherever it does.</summary>
    public IReadOnlyList<string> FindIn(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        var found = new List<string>();
        foreach (var handle in metadata.TypeReferences)
        {
            var (space, name) = NameOf(metadata, handle);
            if (_types.TryGetValue($"{space}.{name}", out var reason) || InBannedWorld(space, out reason))
            {
                found.Add($"{space}.{name}: {reason}");
            }
        }

        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference)
            {
                var (space, name) = NameOf(metadata, (TypeReferenceHandle)member.Parent);
                var full = $"{space}.{name}.{metadata.GetString(member.Name)}";
                if (_members.TryGetValue(full, out var reason))
                {
                    found.Add($"{full}: {reason}");
                }
            }
        }

        return found;
    }

    private bool InBannedWorld(string space, out string? reason)
    {
        foreach (var (banned, why) in _namespaces)
        {
            if (space == banned || space.StartsWith(banned + ".", StringComparison.Ordinal))
            {
                reason = why;
                return true;
            }
        }

        reason = null;
        return false;
    }

    private static (string Space, string Name) NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)
            : (metadata.GetString(type.Namespace), metadata.GetString(type.Name));
    }
}
