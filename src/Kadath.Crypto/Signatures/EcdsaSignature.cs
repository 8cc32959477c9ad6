namespace Kadath.Crypto;

/// <summary>The two forms of an ECDSA signature: <c>Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }</c> in DER (RFC 3279 section 2.2.3), and r and s side by side in fixed length.</summary>
internal static class EcdsaSignature
{
    private const byte Sequence = 0x30, Integer = 0x02;

    /// <summary>The longest DER form for numbers of the given length: each may need a zero before its top bit. The lengths stay below 128, so each takes one byte.</summary>
    public static int MaxDerBytes(int scalarBytes) => 2 + (2 * (2 + 1 + scalarBytes));

    /// <summary>Reads DER into r and s; false for anything but the one DER form of two positive numbers that fit.</summary>
    /// <param name="der">The peer's bytes.</param>
    /// <param name="fixedForm">Receives r, then s, big-endian, half the span each.</param>
    public static bool TryReadDer(ReadOnlySpan<byte> der, Span<byte> fixedForm)
    {
        var half = fixedForm.Length / 2;
        return TryTake(ref der, Sequence, out var content)
            && der.IsEmpty
            && TryTake(ref content, Integer, out var r)
            && TryTake(ref content, Integer, out var s)
            && content.IsEmpty
            && TryReadInteger(r, fixedForm[..half])
            && TryReadInteger(s, fixedForm[half..]);
    }

    /// <summary>Writes r and s as DER; returns the length.</summary>
    public static int WriteDer(ReadOnlySpan<byte> fixedForm, Span<byte> der)
    {
        var half = fixedForm.Length / 2;
        var length = 2;
        length += WriteInteger(fixedForm[..half], der[length..]);
        length += WriteInteger(fixedForm[half..], der[length..]);
        der[0] = Sequence;
        der[1] = (byte)(length - 2);
        return length;
    }

    /// <summary>Takes one element with a length below 128, the only minimal one that a signature of these curves needs.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> input, byte tag, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (input.Length < 2 || input[0] != tag || input[1] >= 0x80 || input.Length < 2 + input[1])
        {
            return false;
        }

        var length = input[1];
        content = input.Slice(2, length);
        input = input[(2 + length)..];
        return true;
    }

    private static bool TryReadInteger(ReadOnlySpan<byte> content, Span<byte> number)
    {
        if (content.IsEmpty || content[0] >= 0x80)
        {
            return false;
        }

        if (content[0] == 0)
        {
            // A zero is there only to keep the number positive.
            content = content[1..];
            if (content.IsEmpty || content[0] < 0x80)
            {
                return false;
            }
        }

        if (content.Length > number.Length)
        {
            return false;
        }

        number.Clear();
        content.CopyTo(number[^content.Length..]);
        return true;
    }

    private static int WriteInteger(ReadOnlySpan<byte> number, Span<byte> der)
    {
        number = number.TrimStart((byte)0);
        var sign = number[0] >> 7;
        der[0] = Integer;
        der[1] = (byte)(number.Length + sign);
        der[2] = 0;
        number.CopyTo(der[(2 + sign)..]);
        return 2 + sign + number.Length;
    }
}
