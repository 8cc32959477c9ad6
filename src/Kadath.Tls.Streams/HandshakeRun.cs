using Kadath.Crypto;

namespace Kadath.Tls.Streams;

public sealed partial class TlsStream
{
    /// <summary>One handshake: moves bytes between transport and machine, and answers what the machine asks.</summary>
    private sealed class HandshakeRun(TlsStream stream, IReadOnlyList<Credential> credentials, TlsTrust trust, string? host, TlsTickets? tickets)
    {
        private string? _refusal;

        public async Task CompleteAsync(CancellationToken cancellation)
        {
            TlsConnection connection = stream._connection!;
            while (true)
            {
                await FlushAsync(cancellation).ConfigureAwait(false);
                if (connection.Fault is { } fault)
                {
                    throw stream.Break(TlsException.Of(_refusal is null ? fault : fault with { Reason = _refusal }));
                }

                if (connection.Pause is { } pause)
                {
                    try
                    {
                        await AnswerAsync(pause, cancellation).ConfigureAwait(false);
                    }
                    catch (Exception) when (!cancellation.IsCancellationRequested)
                    {
                        await FailForCallerAsync(pause, cancellation).ConfigureAwait(false);
                        throw;
                    }
                }
                else if (connection.IsEstablished)
                {
                    break;
                }
                else if (stream.Step() == TlsReadKind.NeedsMore && !await stream.FillAsync(cancellation).ConfigureAwait(false))
                {
                    throw stream.Break(new TlsException(TlsFailure.Network, null, "the peer's stream ended during the handshake"));
                }
            }

            if (IssueTicket(connection))
            {
                await FlushAsync(cancellation).ConfigureAwait(false);
            }

            stream.WatchIdleness();
            stream._info = stream._facts.Describe();
        }

        private async ValueTask FlushAsync(CancellationToken cancellation)
        {
            await stream._sending.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await stream.SendHeldAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                stream._sending.Release();
            }
        }

        private async ValueTask AnswerAsync(TlsPause pause, CancellationToken cancellation)
        {
            switch (pause)
            {
                case CredentialNeeded needed:
                    needed.Answer(Choose(needed));
                    break;
                case SignatureNeeded needed:
                    // A key of the platform may sit on a device: it must not hold up the thread of whoever awaits.
                    needed.Answer(needed.Credential.Key is PlatformSigningKey ? await Task.Run(() => Sign(needed), cancellation).ConfigureAwait(false) : Sign(needed));
                    stream._facts.OwnScheme = needed.Scheme;
                    break;
                case VerificationNeeded needed:
                    PeerVerification.Verdict verdict = await PeerVerification.JudgeAsync(needed.Peer, host, trust, cancellation).ConfigureAwait(false);
                    stream._facts.PeerState = verdict.State;
                    if (verdict.Alert is { } alert)
                    {
                        _refusal = verdict.Reason;
                        needed.Refuse(alert);
                    }
                    else
                    {
                        needed.Accept();
                    }

                    break;
                case SessionNeeded needed:
                    Resume(needed);
                    break;
            }

            lock (stream._machine)
            {
                stream.TakeEvents();
            }
        }

        /// <summary>What the caller gave us to ask, a verifier or a key, threw: the peer is told so much, and the caller gets its exception.</summary>
        private async ValueTask FailForCallerAsync(TlsPause pause, CancellationToken cancellation)
        {
            if (!ReferenceEquals(stream._connection!.Pause, pause))
            {
                return;
            }

            switch (pause)
            {
                case VerificationNeeded needed: needed.Refuse(AlertDescription.InternalError); break;
                case SignatureNeeded needed: needed.Answer(ReadOnlyMemory<byte>.Empty); break;
                default: return;
            }

            stream.Break(new TlsException(TlsFailure.RefusedByUs, AlertDescription.InternalError, "a verifier or a key threw an exception"));
            try
            {
                await FlushAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TlsException or OperationCanceledException)
            {
                // The transport is gone as well; what was thrown first matters more.
            }
        }

        /// <summary>The first credential that is of use, with a preference for one that has the name asked for.</summary>
        private Credential? Choose(CredentialNeeded needed)
        {
            List<Credential> fit = [.. credentials.Where(needed.Suits)];
            return needed.ServerName is { } name && fit.Find(credential => IsFor(credential, name)) is { } named ? named : fit.FirstOrDefault();
        }

        private static bool IsFor(Credential credential, string name) =>
            !credential.IsRawPublicKey && CertificateView.TryParse(credential.Chain[0].Span, out CertificateView view) && HostNames.Matches(view, name);

        private static byte[] Sign(SignatureNeeded needed)
        {
            byte[] signature = new byte[SigningKey.MaxSignatureLength];
            int length = needed.Credential.Key.Sign(needed.Scheme, needed.Message.Span, KeyEntropy.OperatingSystem, signature);
            return signature[..length];
        }

        private void Resume(SessionNeeded needed)
        {
            for (int i = 0; tickets is not null && i < needed.Identities.Count; i++)
            {
                if (tickets.Find(needed.Identities[i].Span, Now) is { } session)
                {
                    needed.Answer(session, i);
                    return;
                }
            }

            needed.Answer(null);
        }

        private bool IssueTicket(TlsConnection connection)
        {
            if (tickets is null || connection.Server is not { ClientTakesTickets: true } server)
            {
                return false;
            }

            lock (stream._machine)
            {
                tickets.Issue(server, Now);
            }

            return true;
        }
    }
}
