namespace Kadath.Cli;

/// <summary>A file that is written as a whole or not at all: whoever reads it sees what was there before, or all that is there now.</summary>
internal sealed class ReportFile
{
    private readonly string _path;

    private ReportFile(string path) => _path = path;

    /// <summary>The file at a path. Throws a usage error if it cannot be made there, which is better known before a long run than after it.</summary>
    public static ReportFile At(string path)
    {
        string full = path.Length > 0 ? Path.GetFullPath(path) : throw CliException.Usage("the report needs a file", null);
        if (Directory.Exists(full))
        {
            throw CliException.Usage($"{path} is a folder", null);
        }

        return Directory.Exists(Path.GetDirectoryName(full)) ? new(full) : throw CliException.Usage($"there is no folder for {path}", null);
    }

    /// <summary>Writes the file beside its place and moves it there.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        string temporary = $"{_path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new CliException(ErrorCodes.Configuration, $"the report could not be written: {e.Message}");
        }
    }
}
