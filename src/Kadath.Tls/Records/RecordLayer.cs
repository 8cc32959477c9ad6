using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>The record layer as a consumer of a handshake: it turns messages into records under the right keys, and keeps the keys of both directions.</summary>
internal sealed class RecordLayer(CryptoProvider crypto, bool isServer) : ITlsSink, IDisposable
{
    // Facts come a few times per connection; only key updates can come without end, and nobody has to take them.
    private const int MaxEvents = 64;

    private readonly WireWriter _output = new();
    private readonly WireWriter _flight = new();
    private readonly Queue<TlsEvent> _events = new();
    private RecordProtector? _send;
    private EncryptionLevel _flightLevel;
    private bool _changeCipherSpecSent, _helloSent;

    /// <summary>Opens what comes; null while nothing is protected.</summary>
    public RecordProtector? Receiver { get; private set; }

    public EncryptionLevel ReceiverLevel { get; private set; }

    public EncryptionLevel SenderLevel { get; private set; }

    /// <summary>The handshake whose sink this is.</summary>
    public TlsHandshake? Handshake { get; set; }

    /// <summary>The largest plaintext that the peer takes.</summary>
    public int FragmentLimit => Handshake?.PeerRecordLimit ?? RecordProtector.MaxPlaintext;

    /// <summary>Plaintext is padded to a multiple of this.</summary>
    public int PadTo { get; init; } = 1;

    /// <summary>Records that the sending key has sealed.</summary>
    public ulong SendSequence => _send?.Sequence ?? 0;

    public ulong SendLimit => _send?.Limit ?? ulong.MaxValue;

    /// <summary>Finished records that wait to be sent.</summary>
    public WireWriter Output
    {
        get
        {
            FlushFlight();
            return _output;
        }
    }

    public void Message(EncryptionLevel level, ReadOnlySpan<byte> messages)
    {
        if (_flight.Length > 0 && level != _flightLevel)
        {
            FlushFlight();
        }

        _flightLevel = level;
        _flight.Bytes(messages);
    }

    public void Secret(EncryptionLevel level, TrafficDirection direction, CipherSuite suite, ReadOnlySpan<byte> secret)
    {
        var parameters = SuiteParameters.Of(suite, crypto)!;
        if (direction == TrafficDirection.Receive)
        {
            Receiver?.Dispose();
            (Receiver, ReceiverLevel) = (new(parameters, secret), level);
            return;
        }

        FlushFlight();
        _send?.Dispose();
        (_send, SenderLevel) = (new(parameters, secret), level);
        if (level == EncryptionLevel.EarlyData)
        {
            SendChangeCipherSpec();
        }
    }

    public void Alert(AlertDescription alert)
    {
        var level = alert is AlertDescription.CloseNotify or AlertDescription.UserCanceled ? (byte)1 : (byte)2;
        FlushFlight();
        WriteRecords(ContentType.Alert, [level, (byte)alert], _send);
    }

    public void Event(TlsEvent fact)
    {
        if (!isServer && fact is TlsEvent.EarlyDataDecided { Accepted: false })
        {
            DropEarlyDataKey();
        }

        if (_events.Count < MaxEvents)
        {
            _events.Enqueue(fact);
        }
        else
        {
            (fact as TlsEvent.SessionReceived)?.Session.Dispose();
        }
    }

    public bool TryTakeEvent(out TlsEvent? fact) => _events.TryDequeue(out fact);

    /// <summary>Early data was refused: what follows is sent under no keys, or under the handshake's once they are there.</summary>
    private void DropEarlyDataKey()
    {
        if (SenderLevel == EncryptionLevel.EarlyData)
        {
            _send?.Dispose();
            (_send, SenderLevel) = (null, EncryptionLevel.Initial);
        }
    }

    /// <summary>Seals application data.</summary>
    public void WriteData(ReadOnlySpan<byte> plaintext)
    {
        FlushFlight();
        WriteRecords(ContentType.ApplicationData, plaintext, _send);
    }

    /// <summary>Bytes of memory that the buffers hold.</summary>
    public int BufferBytes => _output.Capacity + _flight.Capacity;

    /// <summary>Gives back the memory of buffers that are empty.</summary>
    public void ReleaseBuffers()
    {
        FlushFlight();
        _flight.Dispose();
        if (_output.Length == 0)
        {
            _output.Dispose();
        }
    }

    public void Dispose()
    {
        _send?.Dispose();
        Receiver?.Dispose();
        _flight.Dispose();
        _output.Dispose();
        while (_events.TryDequeue(out var fact))
        {
            (fact as TlsEvent.SessionReceived)?.Session.Dispose();
        }
    }

    private void FlushFlight()
    {
        if (_flight.Length == 0)
        {
            return;
        }

        // The client's dummy record stands before its second flight, the server's after its first message.
        if (!isServer && _helloSent)
        {
            SendChangeCipherSpec();
        }

        WriteRecords(ContentType.Handshake, _flight.Written, _flightLevel == EncryptionLevel.Initial ? null : _send);
        _flight.Clear();
        _helloSent = true;
        if (isServer)
        {
            SendChangeCipherSpec();
        }
    }

    private void SendChangeCipherSpec()
    {
        // Dummy records for middleboxes, if the client asked for them with a session id (RFC 9846 appendix E.4).
        if (Handshake is { IsMiddleboxCompatible: true } && !_changeCipherSpecSent)
        {
            _changeCipherSpecSent = true;
            WriteRecords(ContentType.ChangeCipherSpec, [1], null);
        }
    }

    private void WriteRecords(ContentType type, ReadOnlySpan<byte> plaintext, RecordProtector? protector)
    {
        do
        {
            var part = plaintext[..Math.Min(plaintext.Length, protector is null ? RecordProtector.MaxPlaintext : FragmentLimit)];
            plaintext = plaintext[part.Length..];
            if (protector is null)
            {
                var record = _output.Reserve(RecordProtector.HeaderBytes + part.Length);
                RecordProtector.WriteHeader(record, type, part.Length);
                part.CopyTo(record[RecordProtector.HeaderBytes..]);
                record[2] = !isServer && !_helloSent && type == ContentType.Handshake ? (byte)1 : (byte)3; // The first hello says 3.1, for what is old (section 5.1).
            }
            else
            {
                var padding = Padding(part.Length);
                protector.Seal(type, part, padding, _output.Reserve(RecordProtector.SealedLength(part.Length, padding)));
            }
        }
        while (!plaintext.IsEmpty);
    }

    private int Padding(int length)
    {
        var rest = length % PadTo;
        return rest == 0 ? 0 : Math.Min(PadTo - rest, FragmentLimit - length);
    }
}
