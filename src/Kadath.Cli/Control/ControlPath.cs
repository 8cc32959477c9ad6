using System.Security.Cryptography;
using System.Text;

namespace Kadath.Cli.Control;

/// <summary>Where the control socket of a data folder lies.</summary>
internal static class ControlPath
{
    /// <summary>Bytes that every system's sun_path holds: 104 on macOS and the BSDs, less the final zero.</summary>
    private const int Longest = 103;

    /// <summary>
    /// control.sock in the data folder; where that path is too long for a socket's address, a name derived from it in the runtime folder
    /// (XDG_RUNTIME_DIR, else a folder of the user's own under the temporary one).
    /// </summary>
    public static string Of(string dataFolder)
    {
        string path = Path.Combine(dataFolder, "control.sock");
        if (Encoding.UTF8.GetByteCount(path) <= Longest)
        {
            return path;
        }

        string name = $"kadath-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 8))}.sock";
        string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (!string.IsNullOrEmpty(runtime) && Encoding.UTF8.GetByteCount(Path.Combine(runtime, name)) <= Longest)
        {
            return Path.Combine(runtime, name);
        }

        return Path.Combine(Path.GetTempPath(), $"kadath-{Environment.UserName}", name);
    }

    /// <summary>Makes the folder of the socket, for its user alone. Throws <see cref="CliException"/> if somebody else could put something there.</summary>
    public static void Prepare(string socketPath)
    {
        string folder = Path.GetDirectoryName(socketPath)!;
        if (Directory.Exists(folder) || OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        bool shared = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;
        if (shared)
        {
            throw new CliException(ErrorCodes.Configuration, $"others may write to {folder}, where the control socket would be", $"chmod go-w '{folder}', or take another folder with --data");
        }
    }
}
