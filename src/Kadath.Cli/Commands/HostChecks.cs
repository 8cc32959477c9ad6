namespace Kadath.Cli.Commands;

/// <summary>The doctor's checks of the machine itself.</summary>
internal static class HostChecks
{
    private const long LowSpace = 100L << 20;

    /// <summary>Whether the data folder can be written, has room, and the daemon's store works.</summary>
    public static void Disk(List<DoctorCheck> checks, string folder, StatusStore? store)
    {
        if (store is { Alarm: { } alarm })
        {
            checks.Add(DoctorCheck.Fail("disk", alarm, "make room or mend the disk; the node writes again by itself when it can"));
            return;
        }

        string existing = folder;
        while (!Directory.Exists(existing))
        {
            if (File.Exists(existing) || Path.GetDirectoryName(existing) is not { } parent)
            {
                checks.Add(DoctorCheck.Fail("disk", $"{folder} cannot be a folder", "name another one with --data"));
                return;
            }

            existing = parent;
        }

        try
        {
            if (existing == folder)
            {
                string probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
                File.WriteAllBytes(probe, new byte[4096]);
                File.Delete(probe);
            }

            long free = new DriveInfo(existing).AvailableFreeSpace;
            string place = existing == folder ? $"{folder} can be written" : $"{folder} will be made";
            checks.Add(free < LowSpace
                ? DoctorCheck.Warn("disk", $"only {free >> 20} MiB are free under {existing}", "make room: a node with full tables keeps up to 500 MiB")
                : DoctorCheck.Ok("disk", $"{place}, {free >> 20} MiB are free{(store is null ? "" : $"; the store is {store.Mode}")}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            checks.Add(DoctorCheck.Fail("disk", $"{folder} cannot be written: {e.Message.ReplaceLineEndings(" ")}", "mend its permissions, or name another folder with --data"));
        }
    }

    /// <summary>Whether the wall clock is plausible: records expire by it, and over restarts it is all there is.</summary>
    public static void Clock(List<DoctorCheck> checks, string folder)
    {
        DateTime now = DateTime.UtcNow;
        DateTime built = File.GetLastWriteTimeUtc(typeof(HostChecks).Assembly.Location is { Length: > 0 } path ? path : Environment.ProcessPath!);
        DateTime saved = Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles().Select(static f => f.LastWriteTimeUtc).DefaultIfEmpty(DateTime.MinValue).Max() : DateTime.MinValue;
        const string remedy = "set the clock (NTP does): what was stored expires by it";
        checks.Add(now < built.AddDays(-1) ? DoctorCheck.Fail("clock", $"it is {now:u} here, before Kadath was built", remedy)
            : saved > now.AddMinutes(5) ? DoctorCheck.Warn("clock", $"it is {now:u} here, but the data folder was written at {saved:u}", remedy)
            : DoctorCheck.Ok("clock", $"{now:u} is plausible"));
    }
}
