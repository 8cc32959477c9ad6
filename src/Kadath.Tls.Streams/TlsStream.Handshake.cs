using System.Buffers;

namespace Kadath.Tls.Streams;

public sealed partial class TlsStream
{
    private readonly HandshakeFacts _facts = new();
    private readonly ArrayBufferWriter<byte> _earlyData = new();
    private int _started, _earlyTaken;

    /// <summary>Connects as a client. When it returns, the server is who the options ask for, and data flows.</summary>
    /// <exception cref="TlsException">There is no such connection; <see cref="TlsException.Failure"/> says why.</exception>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task AuthenticateAsClientAsync(TlsClientAuthenticationOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        string key = $"{options.TargetHost.ToLowerInvariant()} {options.Trust.Tag}";
        using ClientSession? session = options.Sessions?.Take(key, Now);
        TlsClientOptions machine = new()
        {
            Policy = options.Policy,
            ServerName = options.TargetHost,
            ApplicationProtocols = options.ApplicationProtocols,
            ServerCertificateTypes = options.ServerCertificateTypes,
            ClientCertificateTypes = TypesOf(options.Credentials),
            Session = session,
            TrustTag = options.Trust.Tag,
            Psk = options.Psk,
            OfferEarlyData = !options.EarlyData.IsEmpty,
            Transport = new TlsTransportOptions { RecordSizeLimit = options.RecordSizeLimit, LogSecrets = options.KeyLog is not null },
        };
        _facts.Begin(options.KeyLog, session => Keep(options.Sessions, key, session));
        Start(TlsConnection.CreateClient(machine, Now));
        if (!HostNames.IsAddress(options.TargetHost, out _))
        {
            _facts.ServerName = options.TargetHost;
        }

        int early = _connection!.WriteEarlyData(options.EarlyData.Span);
        await RunAsync(new HandshakeRun(this, options.Credentials, options.Trust, options.TargetHost, null), options.HandshakeTimeout, cancellationToken).ConfigureAwait(false);

        // What the server did not take early comes first now.
        if (options.EarlyData.Length > 0)
        {
            await WriteAsync(_info!.EarlyDataAccepted == true ? options.EarlyData[early..] : options.EarlyData, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a connection as a server. When it returns, the client is whom the options ask for, and data flows.</summary>
    /// <exception cref="TlsException">There is no such connection; <see cref="TlsException.Failure"/> says why.</exception>
    /// <exception cref="ArgumentException">The options trust nobody where they ask for somebody, hold nothing to show, or are out of their bounds.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task AuthenticateAsServerAsync(TlsServerAuthenticationOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (!options.Gate.TryEnter())
        {
            throw Break(new TlsException(TlsFailure.Busy, null, "too many handshakes are pending"));
        }

        try
        {
            TlsServerOptions machine = new()
            {
                Policy = options.Policy,
                ApplicationProtocols = options.ApplicationProtocols,
                ServerCertificateTypes = TypesOf(options.Credentials),
                ClientCertificateTypes = options.ClientCertificateTypes,
                ClientAuthentication = options.ClientAuthentication,
                TakeSessions = options.Tickets is not null,
                TrustTag = options.ClientTrust.Tag,
                Psks = options.Psks,
                MaxEarlyData = options.Tickets?.EarlyDataLimit ?? 0,
                Transport = new TlsTransportOptions { RecordSizeLimit = options.RecordSizeLimit, LogSecrets = options.KeyLog is not null },
            };
            _facts.Begin(options.KeyLog, static session => session.Dispose());
            Start(TlsConnection.CreateServer(machine));
            await RunAsync(new HandshakeRun(this, options.Credentials, options.ClientTrust, null, options.Tickets), options.HandshakeTimeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            options.Gate.Leave();
        }
    }

    /// <summary>
    /// Reads early data (0-RTT) that the client sent: an attacker may have replayed it. It is taken only by servers whose tickets allow it, and
    /// never comes out of <see cref="ReadAsync(Memory{byte}, CancellationToken)"/>.
    /// </summary>
    /// <returns>Bytes read; 0 when there is no more.</returns>
    public ValueTask<int> ReadEarlyDataAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Established();
        cancellationToken.ThrowIfCancellationRequested();
        int count = Math.Min(buffer.Length, _earlyData.WrittenCount - _earlyTaken);
        _earlyData.WrittenSpan.Slice(_earlyTaken, count).CopyTo(buffer.Span);
        _earlyTaken += count;
        return ValueTask.FromResult(count);
    }

    private static void Keep(TlsSessionCache? sessions, string key, ClientSession session)
    {
        if (sessions is null)
        {
            session.Dispose();
        }
        else
        {
            sessions.Add(key, session);
        }
    }

    private static CertificateType[] TypesOf(IReadOnlyList<Credential> credentials) => credentials.Count == 0
        ? [CertificateType.X509]
        : [.. credentials.Select(static credential => credential.IsRawPublicKey ? CertificateType.RawPublicKey : CertificateType.X509).Distinct()];

    private void Start(TlsConnection connection)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            connection.Dispose();
            throw new InvalidOperationException("A stream is authenticated once.");
        }

        _connection = connection;
    }

    private async Task RunAsync(HandshakeRun run, TimeSpan timeout, CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            await run.CompleteAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw Break(new TlsException(TlsFailure.Deadline, null, $"the handshake did not end within {timeout.TotalSeconds:0.###} s"));
        }
    }
}
