using System.Globalization;
using System.IO.Enumeration;

namespace Kadath.Tests.ConstantTime;

/// <summary>
/// What <c>jumps.txt</c> says: lines <c>read CLASS</c> name the kernels; lines <c>METHOD COUNT REASON</c> how many instructions of variable
/// time a method may have, in whichever tier, and why. Both take <c>*</c>; the first that fits counts. A kernel's method without a line may have none.
/// </summary>
internal sealed class JumpList
{
    private readonly List<string> _kernels = [];
    private readonly List<(string Pattern, int Count)> _allowed = [];

    public JumpList(IEnumerable<string> lines)
    {
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            switch (parts)
            {
                case ["read", var kernel]: _kernels.Add(kernel); break;
                case [var method, var count, _]: _allowed.Add((method, int.Parse(count, CultureInfo.InvariantCulture))); break;
                default: throw new InvalidDataException($"Not `read CLASS` nor `METHOD COUNT REASON`: {line}");
            }
        }
    }

    public static JumpList FromFile() => new(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "jumps.txt")));

    public IReadOnlyList<string> Kernels => _kernels;

    public bool IsKernel(Listing listing) => _kernels.Exists(kernel => Fits(kernel, listing.Method.Split(':')[0]));

    public int AllowedIn(Listing listing) => _allowed.Find(line => Fits(line.Pattern, listing.Method)).Count;

    public bool Covers(string kernel, Listing listing) => Fits(kernel, listing.Method.Split(':')[0]);

    private static bool Fits(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
