using Kadath.Node;

namespace Kadath.Cli.Commands;

/// <summary>A file with the secret of a key: the 32-byte seed (RFC 8032), or the 64-byte expanded secret, in hexadecimal digits on one line.</summary>
internal static class KeyFile
{
    private const int MaxBytes = 1024;

    /// <summary>Writes a key to a new file that its user alone can read; refuses to replace one.</summary>
    public static void Write(string path, ItemKey key)
    {
        Span<byte> secret = stackalloc byte[64];
        int length = key.Export(secret);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var writer = new StreamWriter(path, options);
            writer.WriteLine(Convert.ToHexStringLower(secret[..length]));
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new CliException(ErrorCodes.Configuration, $"{path} exists already", "a key that is lost cannot be had again: take another name, or move the file away");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException(ErrorCodes.Configuration, $"{path} cannot be written: {e.Message}", null);
        }
    }

    /// <summary>The secret of a file, 32 or 64 bytes.</summary>
    public static byte[] Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            string text = file.Exists && file.Length > MaxBytes ? "" : File.ReadAllText(path).Trim();
            return text.Length is 64 or 128 ? Convert.FromHexString(text) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new CliException(ErrorCodes.Configuration, $"{path} holds no key", "64 hex digits of a seed, or 128 of an expanded secret; kadath keygen makes such a file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException(ErrorCodes.Configuration, $"{path} cannot be read: {e.Message}", "kadath keygen FILE makes a key");
        }
    }

    /// <summary>The key of a secret of 32 or 64 bytes.</summary>
    public static ItemKey Key(ReadOnlySpan<byte> secret) => secret.Length == ItemKey.SeedSize ? ItemKey.FromSeed(secret) : ItemKey.FromExpanded(secret);
}
