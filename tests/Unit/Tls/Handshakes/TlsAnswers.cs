using Kadath.Crypto;
using Kadath.Tls;

namespace Kadath.Tests.Support;

/// <summary>A caller's answers to the pauses of a machine.</summary>
internal sealed class TlsAnswers(KeyEntropy entropy)
{
    public Credential? Credential { get; set; }

    public Func<VerificationNeeded, AlertDescription?> Verify { get; set; } = _ => null;

    public Func<SessionNeeded, (ServerSession? Session, int Index)> FindSession { get; set; } = _ => (null, 0);

    public void Answer(TlsPause pause)
    {
        switch (pause)
        {
            case CredentialNeeded needed:
                needed.Answer(Credential is not null && needed.Suits(Credential) ? Credential : null);
                break;
            case SignatureNeeded needed:
                var signature = new byte[SigningKey.MaxSignatureLength];
                needed.Answer(signature.AsMemory(0, needed.Credential.Key.Sign(needed.Scheme, needed.Message.Span, entropy, signature)));
                break;
            case VerificationNeeded needed when Verify(needed) is { } refusal:
                needed.Refuse(refusal);
                break;
            case VerificationNeeded needed:
                needed.Accept();
                break;
            case SessionNeeded needed:
                var (session, index) = FindSession(needed);
                needed.Answer(session, index);
                break;
        }
    }
}
