using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// recvmmsg and sendmmsg on native, page-aligned slots that all sockets of a loop share: no copy between machine and kernel beyond the
/// kernel's own, no allocation, and the system calls of a batch shared by up to 64 datagrams.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxBatchPump : IUdpPump
{
    /// <summary>Datagrams a system call takes at most: beyond 64 nothing is gained (the kernel's path per datagram dominates).</summary>
    private const int Batch = IUdpPump.Batch;

    private const int SendStride = 1536;

    private readonly bool _loopbackOnly;
    private readonly int _event;
    private readonly List<LinuxUdpSocket> _sockets = [];
    private readonly byte* _receiveBuffers;
    private readonly byte* _sendBuffers;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly LinuxNative.Vector* _vectors;
    private readonly LinuxNative.MessageHeader* _headers;
    private readonly LinuxUdpSocket?[] _senders = new LinuxUdpSocket?[Batch];
    private readonly Lock _wakeLock = new();
    private LinuxNative.PollDescriptor* _polled;
    private int _pollCapacity;
    private int _queued;
    private bool _disposed;

    public LinuxBatchPump(bool loopbackOnly)
    {
        _loopbackOnly = loopbackOnly;
        _event = LinuxNative.EventDescriptor(0, LinuxNative.EventNonBlockCloseOnExec);
        if (_event < 0)
        {
            throw new InvalidOperationException($"eventfd failed with error {Marshal.GetLastPInvokeError()}");
        }

        _receiveBuffers = (byte*)NativeMemory.AlignedAlloc(Batch * DatagramLimits.ReceiveSlot, 4096);
        _sendBuffers = (byte*)NativeMemory.AlignedAlloc(Batch * SendStride, 4096);
        _names = (byte*)NativeMemory.AllocZeroed(2 * Batch * SocketAddressCodec.MaxSize);
        _controls = (byte*)NativeMemory.AllocZeroed(2 * Batch * LinuxPacketInfo.ControlSize);
        _vectors = (LinuxNative.Vector*)NativeMemory.AllocZeroed(2 * Batch, (nuint)sizeof(LinuxNative.Vector));
        _headers = (LinuxNative.MessageHeader*)NativeMemory.AllocZeroed(2 * Batch, (nuint)sizeof(LinuxNative.MessageHeader));
        for (int i = 0; i < 2 * Batch; i++)
        {
            bool send = i >= Batch;
            _vectors[i].Base = send ? _sendBuffers + ((i - Batch) * SendStride) : _receiveBuffers + (i * DatagramLimits.ReceiveSlot);
            _vectors[i].Length = DatagramLimits.ReceiveSlot;
            _headers[i].Name = _names + (i * SocketAddressCodec.MaxSize);
            _headers[i].NameLength = SocketAddressCodec.MaxSize;
            _headers[i].Vectors = _vectors + i;
            _headers[i].VectorCount = 1;
            _headers[i].Control = _controls + (i * LinuxPacketInfo.ControlSize);
            _headers[i].ControlLength = send ? 0u : LinuxPacketInfo.ControlSize;
        }
    }

    private LinuxNative.MessageHeader* SendHeaders => _headers + Batch;

    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian;

    public IUdpSocket Open(in Endpoint local, int receiveBufferBytes)
    {
        LinuxUdpSocket socket = new(this, local, receiveBufferBytes);
        _sockets.Add(socket);
        return socket;
    }

    public void Wait(TimeSpan timeout)
    {
        int count = _sockets.Count + 1;
        if (count > _pollCapacity)
        {
            _pollCapacity = count * 2;
            _polled = (LinuxNative.PollDescriptor*)NativeMemory.Realloc(_polled, (nuint)(_pollCapacity * sizeof(LinuxNative.PollDescriptor)));
        }

        _polled[0] = new() { Descriptor = _event, Events = LinuxNative.PollIn };
        for (int i = 1; i < count; i++)
        {
            _polled[i] = new() { Descriptor = _sockets[i - 1].Descriptor, Events = LinuxNative.PollIn };
        }

        LinuxNative.TimeSpec time = LinuxNative.TimeSpec.From(timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout);
        int ready = LinuxNative.Poll(_polled, (nuint)count, &time, null);
        if (ready > 0 && _polled[0].Returned != 0)
        {
            ulong drained;
            _ = LinuxNative.Read(_event, &drained, sizeof(ulong));
        }

        for (int i = 1; i < count; i++)
        {
            // An error that ICMP left on the socket shows as readable too: the receive clears it.
            _sockets[i - 1].Readable = ready > 0 && _polled[i].Returned != 0;
        }
    }

    public void Wake()
    {
        // Only a sleeping loop is woken, so the lock is seldom taken; it keeps a late caller from writing into a descriptor that was reused.
        lock (_wakeLock)
        {
            if (!_disposed)
            {
                ulong one = 1;
                _ = LinuxNative.Write(_event, &one, sizeof(ulong));
            }
        }
    }

    public int Receive(LinuxUdpSocket socket)
    {
        for (int attempt = 0; attempt < 4; attempt++)
        {
            int received = LinuxNative.ReceiveMany(socket.Descriptor, _headers, Batch, LinuxNative.DontWait, null);
            if (received >= 0)
            {
                socket.Counters.Received += received;
                return received;
            }

            // Anything but "try again" is an error of an earlier datagram, which reading it has cleared.
            if (Marshal.GetLastPInvokeError() == LinuxNative.Again)
            {
                return 0;
            }
        }

        return 0;
    }

    public bool TryGet(LinuxUdpSocket socket, int index, out ReadOnlySpan<byte> datagram, out Endpoint from)
    {
        LinuxNative.MessageHeader* header = _headers + index;
        bool whole = (header->Flags & LinuxNative.Truncated) == 0;
        bool known = SocketAddressCodec.TryReadLinux(new(header->Name, SocketAddressCodec.MaxSize), out from);
        header->NameLength = SocketAddressCodec.MaxSize;
        if (socket.Asked is { } asked && known && LinuxPacketInfo.TryRead(new(header->Control, (int)header->ControlLength), out Endpoint at))
        {
            asked.Remember(from, at);
        }

        header->ControlLength = LinuxPacketInfo.ControlSize;
        if (!whole)
        {
            socket.Counters.Truncated++;
        }

        datagram = new(_vectors[index].Base, (int)header->Length);
        return whole && known;
    }

    public Span<byte> Rent()
    {
        if (_queued == Batch)
        {
            Flush();
        }

        return new(_sendBuffers + (_queued * SendStride), DatagramLimits.SendSlot);
    }

    public void Send(LinuxUdpSocket socket, int length, in Endpoint to)
    {
        if (!socket.Counters.Judge(to, _loopbackOnly))
        {
            return;
        }

        LinuxNative.MessageHeader* header = SendHeaders + _queued;
        Endpoint at = default;
        header->NameLength = (uint)SocketAddressCodec.WriteLinux(to, socket.ScopeId, new(header->Name, SocketAddressCodec.MaxSize));
        bool told = socket.Asked is { } asked && asked.TryGet(to, out at);
        header->ControlLength = told ? (nuint)LinuxPacketInfo.Write(at, new(header->Control, LinuxPacketInfo.ControlSize)) : 0;
        header->Vectors->Length = (nuint)length;
        _senders[_queued++] = socket;
    }

    public void Flush()
    {
        for (int start = 0; start < _queued;)
        {
            LinuxUdpSocket socket = _senders[start]!;
            int end = start + 1;
            while (end < _queued && ReferenceEquals(_senders[end], socket))
            {
                end++;
            }

            FlushRun(socket, start, end);
            start = end;
        }

        _queued = 0;
    }

    public void Remove(LinuxUdpSocket socket)
    {
        if (!_disposed)
        {
            Flush();
        }

        _sockets.Remove(socket);
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        Flush();
        lock (_wakeLock)
        {
            _disposed = true;
        }

        while (_sockets.Count > 0)
        {
            _sockets[^1].Dispose();
        }

        _ = LinuxNative.Close(_event);
        NativeMemory.AlignedFree(_receiveBuffers);
        NativeMemory.AlignedFree(_sendBuffers);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_headers);
        NativeMemory.Free(_polled);
    }

    private void FlushRun(LinuxUdpSocket socket, int start, int end)
    {
        bool waited = false;
        while (start < end)
        {
            int sent = LinuxNative.SendMany(socket.Descriptor, SendHeaders + start, (uint)(end - start), LinuxNative.DontWait | LinuxNative.NoSignal);
            if (sent > 0)
            {
                socket.Counters.Sent += sent;
                start += sent;
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case LinuxNative.Interrupted:
                    break;
                case LinuxNative.Again or LinuxNative.NoBuffers when !waited:
                    waited = true;
                    WaitWritable(socket);
                    break;
                case LinuxNative.Again or LinuxNative.NoBuffers:
                    socket.Counters.SendFailed += end - start;
                    return;
                case not LinuxNative.ConnectionRefused when SendHeaders[start].ControlLength != 0:
                    // The address that was asked may have gone.
                    SendHeaders[start].ControlLength = 0;
                    socket.Asked!.Forget();
                    break;
                default:
                    // The first datagram of the rest is at fault (no route, refused by a filter, ICMP of an earlier one): the others may go.
                    socket.Counters.SendFailed++;
                    start++;
                    break;
            }
        }
    }

    // A full send buffer drains in microseconds; two milliseconds are the most that one slow interface may cost the other sockets of the loop.
    private static void WaitWritable(LinuxUdpSocket socket)
    {
        LinuxNative.PollDescriptor descriptor = new() { Descriptor = socket.Descriptor, Events = LinuxNative.PollOut };
        LinuxNative.TimeSpec time = LinuxNative.TimeSpec.From(TimeSpan.FromMilliseconds(2));
        _ = LinuxNative.Poll(&descriptor, 1, &time, null);
    }
}
