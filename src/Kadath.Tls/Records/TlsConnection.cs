using System.Buffers.Binary;
using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>
/// TLS 1.3 over a stream (RFC 9846), without the stream: bytes that came go into <see cref="Receive"/>, bytes to send wait in
/// <see cref="Output"/>. One thread at a time; no clock, no socket, no callback. Records are opened in place in the caller's memory and sealed
/// straight into the output, which is kept for reuse: a connection at work allocates nothing.
/// </summary>
/// <remarks>
/// The caller's loop: send <see cref="Output"/> whenever it is not empty; answer <see cref="Pause"/> when there is one; else receive. No
/// application data goes either way before <see cref="IsEstablished"/>.
/// </remarks>
public sealed class TlsConnection : IDisposable
{
    /// <summary>The longest record, header included, in bytes: an input buffer of this size always suffices.</summary>
    public const int MaxRecordBytes = RecordProtector.HeaderBytes + RecordProtector.MaxCiphertext;

    // How often a peer may send what brings the connection nowhere: records without data, dummy records, key updates, warnings.
    private const int MaxIdleRecords = 32;

    // Early data of a client whose early data we refused and cannot open; it may send what an older ticket allowed.
    private const int MaxSkippedBytes = 64 * 1024;

    // Records that are left to a key when it is updated: a flight of our own must never run into its end.
    private const ulong UpdateMargin = 64;

    private readonly RecordLayer _records;
    private readonly ClientHandshake? _client;
    private readonly ServerHandshake? _server;
    private readonly TlsPolicy _policy;
    private int _idleRecords;
    private long _skipped, _earlyBytes, _bytesUnderKey;
    private bool _writeClosed;
    private Instant _keySince;

    private TlsConnection(TlsClientOptions? client, TlsServerOptions? server)
    {
        var crypto = (client?.Crypto ?? server?.Crypto)!;
        _policy = (client?.Policy ?? server?.Policy)!;
        if ((client?.Transport ?? server!.Transport).IsQuic)
        {
            throw new ArgumentException("QUIC uses the handshake without records.");
        }

        _records = new(crypto, isServer: server is not null) { PadTo = _policy.PadTo };
        _client = client is null ? null : new(client, _records);
        _server = server is null ? null : new(server, _records);
        Handshake = (TlsHandshake?)_client ?? _server!;
        _records.Handshake = Handshake;
    }

    /// <summary>The handshake inside: for exporters, tickets, and what it knows.</summary>
    public TlsHandshake Handshake { get; }

    /// <summary>The server's handshake, for tickets; null on the client's side.</summary>
    public ServerHandshake? Server => _server;

    /// <summary>The decision that is awaited from the caller; null if none is.</summary>
    public TlsPause? Pause => Handshake.Pause;

    /// <summary>Why the connection failed; null while it has not.</summary>
    public TlsFault? Fault => Handshake.Fault;

    /// <summary>Whether the handshake is complete and application data can be written.</summary>
    public bool IsEstablished => Handshake.IsComplete && Fault is null;

    /// <summary>Whether the peer has closed its side with close_notify. A stream that ends without has been cut off, perhaps by an attacker.</summary>
    public bool IsReadClosed { get; private set; }

    /// <summary>Whether we have closed our side.</summary>
    public bool IsWriteClosed => _writeClosed;

    /// <summary>Records to send, in order. Valid until the next call; <see cref="Sent"/> takes them off.</summary>
    public ReadOnlyMemory<byte> Output
    {
        get
        {
            SettleKeyUpdate();
            return _records.Output.WrittenMemory;
        }
    }

    /// <summary>Makes a client, whose ClientHello is in the output at once.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public static TlsConnection CreateClient(TlsClientOptions options, Instant now)
    {
        ArgumentNullException.ThrowIfNull(options);
        TlsConnection connection = new(options, null);
        connection._client!.Start(now);
        return connection;
    }

    /// <summary>Makes a server, which awaits a ClientHello.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public static TlsConnection CreateServer(TlsServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(null, options);
    }

    /// <summary>Takes bytes off the front of the output.</summary>
    public void Sent(int count) => _records.Output.Consume(count);

    /// <summary>
    /// Gives back the memory of buffers that are empty: for a connection that is idle. An idle connection keeps its keys and little else; the next
    /// write allocates its buffer again.
    /// </summary>
    public void ReleaseBuffers() => _records.ReleaseBuffers();

    /// <summary>Bytes of memory that buffers hold, empty or not: what <see cref="ReleaseBuffers"/> may give back.</summary>
    public int BufferBytes => _records.BufferBytes;

    /// <summary>Takes the next fact; null if there is none.</summary>
    public TlsEvent? TakeEvent() => _records.TryTakeEvent(out var fact) ? fact : null;

    /// <summary>Takes at most one record from the front of the input. Nothing that a peer sends throws.</summary>
    /// <param name="input">Bytes as they came; a record is opened in place. Overwritten where it was consumed.</param>
    /// <param name="now">When they came.</param>
    public TlsRead Receive(Span<byte> input, Instant now)
    {
        if (Fault is not null)
        {
            return new(TlsReadKind.Failed);
        }

        if (IsReadClosed)
        {
            return new(TlsReadKind.Closed, input.Length);
        }

        if (Pause is not null)
        {
            return new(TlsReadKind.Paused);
        }

        if (input.Length < RecordProtector.HeaderBytes)
        {
            return new(TlsReadKind.NeedsMore);
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(input[3..]);
        var type = (ContentType)input[0];
        if (type is < ContentType.ChangeCipherSpec or > ContentType.ApplicationData)
        {
            return Fail(AlertDescription.UnexpectedMessage, "a record of no known type");
        }

        if (length > (type == ContentType.ApplicationData ? RecordProtector.MaxCiphertext : RecordProtector.MaxPlaintext))
        {
            return Fail(AlertDescription.RecordOverflow, "a record longer than allowed");
        }

        var whole = RecordProtector.HeaderBytes + length;
        if (input.Length < whole)
        {
            return new(TlsReadKind.NeedsMore);
        }

        var record = input[..whole];
        var read = type == ContentType.ChangeCipherSpec ? TakeChangeCipherSpec(record)
            : _records.Receiver is { } receiver ? TakeProtected(record, type, receiver, now)
            : TakePlain(record[RecordProtector.HeaderBytes..], type, now);
        return Fault is not null ? new(TlsReadKind.Failed, whole) : read;
    }

    /// <summary>Seals application data into the output.</summary>
    /// <param name="plaintext">Any length; records hold up to 16 KiB, or what the peer takes.</param>
    /// <param name="now">The time, from which the age of keys follows.</param>
    /// <exception cref="InvalidOperationException">The handshake is not complete, the connection failed, or our side is closed.</exception>
    public void Write(ReadOnlySpan<byte> plaintext, Instant now)
    {
        RequireWritable(IsEstablished && !_writeClosed);
        while (!plaintext.IsEmpty)
        {
            UpdateKeysWhenDue(now);
            var part = plaintext[..Math.Min(plaintext.Length, _records.FragmentLimit)];
            _records.WriteData(part);
            _bytesUnderKey += part.Length;
            plaintext = plaintext[part.Length..];
        }
    }

    /// <summary>Seals early data into the output: an attacker can replay it, and it has no forward secrecy.</summary>
    /// <returns>Bytes that were taken: as many as the session still allows, 0 once early data was refused or the handshake has gone on.</returns>
    public int WriteEarlyData(ReadOnlySpan<byte> plaintext)
    {
        var allowed = _client is { EarlyDataAllowed: var limit } && Fault is null && _records.SenderLevel == EncryptionLevel.EarlyData ? limit - _earlyBytes : 0;
        var count = (int)Math.Clamp(allowed, 0, plaintext.Length);
        if (count > 0)
        {
            _records.WriteData(plaintext[..count]);
            _earlyBytes += count;
        }

        return count;
    }

    /// <summary>Moves to the next sending key.</summary>
    /// <param name="askPeer">Whether the peer is asked to do the same.</param>
    /// <exception cref="InvalidOperationException">The handshake is not complete, the connection failed, or our side is closed.</exception>
    public void UpdateKeys(bool askPeer)
    {
        RequireWritable(IsEstablished && !_writeClosed);
        Handshake.SendKeyUpdate(askPeer);
        _bytesUnderKey = 0;
    }

    /// <summary>Closes our side: close_notify goes into the output, and nothing can be written after it. The peer may go on writing.</summary>
    public void CloseWrite()
    {
        if (!_writeClosed && Fault is null)
        {
            if (Handshake.IsComplete)
            {
                SettleKeyUpdate();
            }

            _records.Alert(AlertDescription.CloseNotify);
            _writeClosed = true;
        }
    }

    /// <summary>Ends the connection with an alert, for a reason of the caller's.</summary>
    public void Abort(AlertDescription alert, string reason) => Handshake.Fail(alert, reason, TlsBlame.Caller);

    /// <summary>Erases all keys, and what waits to be sent.</summary>
    public void Dispose()
    {
        Handshake.Dispose();
        _records.Dispose();
    }

    private static void RequireWritable(bool isWritable)
    {
        if (!isWritable)
        {
            throw new InvalidOperationException("Application data can be written when the handshake is complete and the connection has not failed.");
        }
    }

    private TlsRead TakeChangeCipherSpec(ReadOnlySpan<byte> record)
    {
        // Dropped without a trace (section 5): exactly one byte of 1, between the first ClientHello and the peer's Finished.
        if (record[RecordProtector.HeaderBytes..] is not [1] || Handshake.IsComplete || !Handshake.HasBegun || Handshake.HasPartialMessage)
        {
            return Fail(AlertDescription.UnexpectedMessage, "a change_cipher_spec at the wrong place, or other than 1");
        }

        return CountIdle(record.Length);
    }

    private TlsRead TakePlain(ReadOnlySpan<byte> fragment, ContentType type, Instant now)
    {
        var whole = RecordProtector.HeaderBytes + fragment.Length;
        switch (type)
        {
            case ContentType.Handshake when !fragment.IsEmpty:
                Feed(EncryptionLevel.Initial, fragment, now);
                return new(TlsReadKind.Handled, whole);
            case ContentType.Alert:
                return TakeAlert(fragment, whole);
            case ContentType.ApplicationData when _server is { SkipsEarlyData: true }:
                return Skip(whole);
            default:
                return Fail(AlertDescription.UnexpectedMessage, "a record that is not awaited");
        }
    }

    private TlsRead TakeProtected(Span<byte> record, ContentType type, RecordProtector receiver, Instant now)
    {
        if (type != ContentType.ApplicationData)
        {
            // A client that could not make out our ServerHello has no keys to protect its alert with.
            return type == ContentType.Alert && receiver.Sequence == 0 && _records.ReceiverLevel == EncryptionLevel.Handshake
                ? TakeAlert(record[RecordProtector.HeaderBytes..], record.Length)
                : Fail(AlertDescription.UnexpectedMessage, "an unprotected record");
        }

        if (!receiver.TryOpen(record, out var plaintext, out var inner))
        {
            return _server is { SkipsEarlyData: true } && receiver.Sequence == 0 && _records.ReceiverLevel == EncryptionLevel.Handshake
                ? Skip(record.Length)
                : Fail(AlertDescription.BadRecordMac, "a record that is not authentic");
        }

        var limit = Handshake.IsRecordLimitAgreed ? Handshake.Transport.RecordSizeLimit!.Value - 1 : RecordProtector.MaxPlaintext;
        if (plaintext.Length > limit || record.Length - RecordProtector.HeaderBytes - Crypto.AeadKey.TagBytes > limit + 1)
        {
            return Fail(AlertDescription.RecordOverflow, "a plaintext longer than allowed");
        }

        switch (inner)
        {
            case ContentType.ApplicationData when !Handshake.HasPartialMessage:
                return TakeData(record, plaintext.Length);
            case ContentType.Handshake when !plaintext.IsEmpty:
                if (Handshake.IsComplete && ++_idleRecords > MaxIdleRecords)
                {
                    return Fail(AlertDescription.UnexpectedMessage, "too many messages without data");
                }

                Feed(_records.ReceiverLevel, plaintext, now);
                return new(TlsReadKind.Handled, record.Length);
            case ContentType.Alert when !Handshake.HasPartialMessage:
                return TakeAlert(plaintext, record.Length);
            default:
                return Fail(AlertDescription.UnexpectedMessage, "a protected record that is not awaited");
        }
    }

    private TlsRead TakeData(Span<byte> record, int length)
    {
        if (_records.ReceiverLevel == EncryptionLevel.EarlyData)
        {
            _earlyBytes += length;
            return _earlyBytes <= _server!.Options.MaxEarlyData
                ? new(TlsReadKind.EarlyData, record.Length, RecordProtector.HeaderBytes, length)
                : Fail(AlertDescription.UnexpectedMessage, "more early data than the ticket allows");
        }

        if (_records.ReceiverLevel != EncryptionLevel.Application)
        {
            return Fail(AlertDescription.UnexpectedMessage, "application data before the handshake is complete");
        }

        if (length == 0)
        {
            return CountIdle(record.Length);
        }

        _idleRecords = 0;
        return new(TlsReadKind.ApplicationData, record.Length, RecordProtector.HeaderBytes, length);
    }

    private TlsRead TakeAlert(ReadOnlySpan<byte> alert, int whole)
    {
        if (alert.Length != 2)
        {
            return Fail(AlertDescription.DecodeError, "a malformed alert");
        }

        switch ((AlertDescription)alert[1])
        {
            case AlertDescription.CloseNotify when Handshake.IsComplete:
                IsReadClosed = true;
                return new(TlsReadKind.Closed, whole);
            case AlertDescription.UserCanceled:
                return CountIdle(whole);
            case var description:
                Handshake.FailByPeer(description);
                return new(TlsReadKind.Failed, whole);
        }
    }

    private TlsRead Skip(int whole)
    {
        _skipped += whole;
        return _skipped <= MaxSkippedBytes ? new(TlsReadKind.Handled, whole) : Fail(AlertDescription.UnexpectedMessage, "more early data than can be skipped");
    }

    private TlsRead CountIdle(int whole) => ++_idleRecords <= MaxIdleRecords
        ? new(TlsReadKind.Handled, whole)
        : Fail(AlertDescription.UnexpectedMessage, "too many records without data");

    private void Feed(EncryptionLevel level, ReadOnlySpan<byte> messages, Instant now)
    {
        if (_keySince == default)
        {
            _keySince = now;
        }

        Handshake.Receive(level, messages, now);
    }


    private void UpdateKeysWhenDue(Instant now)
    {
        if (_keySince == default)
        {
            _keySince = now;
        }

        if (Handshake.OwesKeyUpdate || _bytesUnderKey >= _policy.KeyUpdateBytes || now - _keySince >= (Handshake.KeyUpdateAge ?? _policy.KeyUpdateAge)
            || _records.SendSequence >= _records.SendLimit - UpdateMargin)
        {
            UpdateKeys(askPeer: false);
            _keySince = now;
        }
    }

    /// <summary>Answers a peer that asked for new keys, once, and only when what was sent before is gone: a peer that asks again and again fills no memory.</summary>
    private void SettleKeyUpdate()
    {
        if (Handshake.OwesKeyUpdate && IsEstablished && !_writeClosed && _records.Output.Length == 0)
        {
            UpdateKeys(askPeer: false);
        }
    }

    private TlsRead Fail(AlertDescription alert, string reason)
    {
        Handshake.Fail(alert, reason);
        return new(TlsReadKind.Failed);
    }
}
