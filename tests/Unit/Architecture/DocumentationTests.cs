using System.Text.RegularExpressions;
using Xunit;

namespace Kadath.Tests.Unit.Architecture;

public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_relative_link_leads_to_a_file_and_every_anchor_to_a_heading()
    {
        var broken = new List<string>();
        foreach (var page in Repository.Files(".md"))
        {
            var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
            foreach (var link in LinksOf(File.ReadAllText(Path.Combine(Repository.Root, page))))
            {
                if (Problem(Path.Combine(Repository.Root, page), folder, link) is { } problem)
                {
                    broken.Add($"{page}: {link}: {problem}");
                }
            }
        }

        Assert.True(broken.Count == 0, $"Mend or remove these links:{Environment.NewLine}{string.Join(Environment.NewLine, broken)}");
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("CHANGELOG.md")]
    [InlineData("LICENSE")]
    public void The_door_of_the_project_stands(string file) => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), $"{file} is missing at the root.");

    [Fact]
    public void No_two_paths_differ_by_case_only()
    {
        var paths = Repository.Files("").SelectMany(Prefixes).Distinct(StringComparer.Ordinal);
        var clashes = paths.GroupBy(path => path, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => string.Join(" and ", group)).ToArray();
        Assert.True(clashes.Length == 0, $"macOS and Windows cannot check these out together; rename one: {string.Join("; ", clashes)}");
    }

    [Theory]
    [InlineData("## Where do I add…", "where-do-i-add")]
    [InlineData("### `put` and `get`, in brief", "put-and-get-in-brief")]
    [InlineData("# A/B_c-d", "ab_c-d")]
    public void An_anchor_is_made_from_a_heading_as_code_hosts_do(string heading, string anchor) => Assert.Contains(anchor, AnchorsOf(heading));

    [Fact]
    public void A_broken_link_is_found()
    {
        var page = Path.Combine(Repository.Root, "README.md");
        Assert.NotNull(Problem(page, Repository.Root, "no-such-file.md"));
        Assert.NotNull(Problem(page, Repository.Root, "#no-such-heading-anywhere"));
        Assert.Null(Problem(page, Repository.Root, "LICENSE"));
        Assert.Equal(["a.md", "b.svg"], LinksOf("[x](a.md) `[y](code.md)` ![z](b.svg \"title\")\n```\n[q](fenced.md)\n```\n"));
    }

    private static string? Problem(string page, string folder, string link)
    {
        if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = Uri.UnescapeDataString(link).Split('#', 2);
        var target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(folder, parts[0]));
        if (!File.Exists(target) && !Directory.Exists(target))
        {
            return "no such file";
        }

        return parts.Length == 2 && target.EndsWith(".md", StringComparison.Ordinal) && !AnchorsOf(File.ReadAllText(target)).Contains(parts[1]) ? "no such heading" : null;
    }

    private static string[] LinksOf(string markdown) =>
        [.. Link().Matches(InlineCode().Replace(WithoutFences(markdown), "")).Select(match => match.Groups[1].Value)];

    private static HashSet<string> AnchorsOf(string markdown) =>
        [.. Heading().Matches(WithoutFences(markdown)).Select(match => NotInAnchor().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    private static string WithoutFences(string markdown) => Fence().Replace(markdown, "");

    private static IEnumerable<string> Prefixes(string path)
    {
        for (var at = path.IndexOf(Path.DirectorySeparatorChar); at > 0; at = path.IndexOf(Path.DirectorySeparatorChar, at + 1))
        {
            yield return path[..at];
        }

        yield return path;
    }

    [GeneratedRegex(@"\]\(<?([^)\s>]+)>?(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^(```+|~~~+).*?^\1[^\n]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#{1,6}[ \t]+(.+?)[ \t#]*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\-_ ]")]
    private static partial Regex NotInAnchor();
}
