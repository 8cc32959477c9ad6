namespace Kadath.Tls;

/// <summary>The two forms of time in a certificate (RFC 5280 section 4.1.2.5), both as UTC.</summary>
internal static class DerTime
{
    private const int UtcLength = 13;
    private const int GeneralizedLength = 15;

    // RFC 5280: years of two digits mean 1950 to 2049.
    private const int Pivot = 50;

    public static bool TryParse(byte tag, ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        int yearDigits = tag == DerTag.GeneralizedTime ? 4 : 2;
        if (tag is not (DerTag.UtcTime or DerTag.GeneralizedTime) || text.Length != (yearDigits == 2 ? UtcLength : GeneralizedLength) || text[^1] != (byte)'Z'
            || !TryNumber(text[..yearDigits], out int year)
            || !TryNumber(text.Slice(yearDigits, 2), out int month) || !TryNumber(text.Slice(yearDigits + 2, 2), out int day)
            || !TryNumber(text.Slice(yearDigits + 4, 2), out int hour) || !TryNumber(text.Slice(yearDigits + 6, 2), out int minute)
            || !TryNumber(text.Slice(yearDigits + 8, 2), out int second))
        {
            return false;
        }

        if (yearDigits == 2)
        {
            year += year < Pivot ? 2000 : 1900;
        }

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    /// <summary>The form that RFC 5280 asks for: UTCTime through 2049, GeneralizedTime from 2050 on. Fractions of a second are cut off.</summary>
    public static string Format(DateTimeOffset time, out byte tag)
    {
        DateTime utc = time.UtcDateTime;
        tag = utc.Year is >= 1950 and < 2050 ? DerTag.UtcTime : DerTag.GeneralizedTime;
        return utc.ToString(tag == DerTag.UtcTime ? "yyMMddHHmmss'Z'" : "yyyyMMddHHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + digit - '0';
        }

        return true;
    }
}
