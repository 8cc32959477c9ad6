using System.Globalization;
using System.Text;

namespace Kadath.Cli;

/// <summary>Makes text from the network fit for a terminal: a peer's bytes must not move the cursor, change colours or reverse the line.</summary>
internal static class Printable
{
    /// <summary>The text in one line of at most so many characters, with everything that does not print escaped.</summary>
    public static string Line(string text, int longest = 400)
    {
        var line = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length >= longest)
            {
                return line.Append('…').ToString();
            }

            bool prints = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            if (prints)
            {
                line.Append(rune.ToString());
            }
            else
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
        }

        return line.ToString();
    }
}
