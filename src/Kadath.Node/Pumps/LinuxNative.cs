using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Kadath.Node;

/// <summary>The system calls of <see cref="LinuxBatchPump"/>, for 64-bit little-endian Linux (glibc and musl lay these structures out alike there).</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxNative
{
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
    public const int Truncated = 0x20;
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const int EventNonBlockCloseOnExec = 0x80800;
    public const int BootTimeClock = 7;

    public const int Interrupted = 4;
    public const int Again = 11;
    public const int NoBuffers = 105;
    public const int ConnectionRefused = 111;

    /// <summary>A socket to which the kernel writes whenever an IPv6 address comes or goes; null where it cannot be had.</summary>
    public static Socket? OpenAddressMessages()
    {
        const int netlink = 16, rawCloseOnExec = 0x80003, route = 0, v6Addresses = 0x100;
        int descriptor = OpenSocket(netlink, rawCloseOnExec, route);
        if (descriptor < 0)
        {
            return null;
        }

        // struct sockaddr_nl: family, padding, our number (0: the kernel gives one), groups.
        int* address = stackalloc int[] { netlink, 0, v6Addresses };
        SafeSocketHandle handle = new(descriptor, ownsHandle: true);
        if (BindSocket(descriptor, address, 3 * sizeof(int)) == 0)
        {
            return new(handle);
        }

        handle.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int BindSocket(int descriptor, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int descriptor, MessageHeader* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int descriptor, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    // A leaf call of 20 ns that never enters the kernel (vDSO): the one place where the transition may be left out.
    [LibraryImport("libc", EntryPoint = "clock_gettime"), SuppressGCTransition]
    public static partial int ClockGetTime(int clock, TimeSpec* time);

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;

        public static TimeSpec From(TimeSpan span) =>
            new() { Seconds = span.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = span.Ticks % TimeSpan.TicksPerSecond * 100 };
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public uint Padding1;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        public int Padding2;
        public uint Length;
        public uint Padding3;
    }
}
