using System.Globalization;

namespace Kadath.Cli.Nodes;

/// <summary>The folder in which a daemon keeps what outlives it.</summary>
internal static class DataFolder
{
    /// <summary>The full path: the option, else KADATH_DATA, else the platform's folder for a user's programs.</summary>
    public static string Resolve(string? option)
    {
        string? given = !string.IsNullOrEmpty(option) ? option : Environment.GetEnvironmentVariable("KADATH_DATA");
        if (!string.IsNullOrEmpty(given))
        {
            return Path.GetFullPath(given);
        }

        string platform = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return platform.Length > 0
            ? Path.Combine(platform, "kadath")
            : throw new CliException(ErrorCodes.Configuration, "there is no folder for the data of programs here", "name one with --data or KADATH_DATA");
    }

    /// <summary>Makes the folder, for its user alone, and takes its lock, which is held until disposed or until the process ends, however it ends.</summary>
    public static IDisposable Lock(string folder)
    {
        string path = Path.Combine(folder, "lock");
        try
        {
            Create(folder);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
            file.Flush();
            return file;
        }
        catch (IOException e) when (File.Exists(path) && IsLocked(e))
        {
            throw new CliException(ErrorCodes.InUse, $"another daemon uses {folder}", "kadath status shows it; --data FOLDER starts a second one elsewhere");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CliException(ErrorCodes.Configuration, $"the data folder {folder} cannot be used: {e.Message.ReplaceLineEndings(" ")}", "name another one with --data");
        }
    }

    private static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>EWOULDBLOCK of flock (11 on Linux, 35 on macOS) or a sharing violation of Windows (32).</summary>
    private static bool IsLocked(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;
}
