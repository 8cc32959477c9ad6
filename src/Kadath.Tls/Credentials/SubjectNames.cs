namespace Kadath.Tls;

/// <summary>The names in a subjectAltName (RFC 5280 section 4.2.1.6), read one by one: <c>while (names.TryNext(out var kind, out var name))</c>.</summary>
public ref struct SubjectNames
{
    // A hostile certificate could make every look-up walk thousands of names.
    private const int MaxNames = 256;

    private DerReader _list;

    internal SubjectNames(ReadOnlySpan<byte> extension)
    {
        DerReader reader = new(extension);
        reader.TryEnter(DerTag.Sequence, out _list);
    }

    /// <summary>The next name.</summary>
    /// <param name="kind">What kind of name it is.</param>
    /// <param name="name">Its bytes: ASCII of a DNS name, 4 or 16 bytes of an address.</param>
    public bool TryNext(out SubjectNameKind kind, out ReadOnlySpan<byte> name)
    {
        kind = SubjectNameKind.Other;
        if (!_list.TryReadAny(out byte tag, out name, out _))
        {
            return false;
        }

        kind = tag == DerTag.Context(2) ? SubjectNameKind.Dns : tag == DerTag.Context(7) ? SubjectNameKind.Address : SubjectNameKind.Other;
        return true;
    }

    internal static bool IsWellFormed(ReadOnlySpan<byte> extension)
    {
        DerReader reader = new(extension);
        if (!reader.TryEnter(DerTag.Sequence, out DerReader list) || !reader.AtEnd || list.AtEnd)
        {
            return false;
        }

        for (int count = 0; !list.AtEnd; count++)
        {
            if (count == MaxNames || !list.TryReadAny(out byte tag, out ReadOnlySpan<byte> name, out _) || (tag & 0xc0) != 0x80
                || (tag == DerTag.Context(7) && name.Length is not (4 or 16)))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The kinds of subject name that TLS compares.</summary>
public enum SubjectNameKind
{
    /// <summary>Some other kind: a mail address, a URI, a directory name.</summary>
    Other,

    /// <summary>A DNS name, perhaps with a wildcard.</summary>
    Dns,

    /// <summary>An IP address.</summary>
    Address,
}
