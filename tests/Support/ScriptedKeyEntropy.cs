using Kadath.Crypto;

namespace Kadath.Tests.Support;

/// <summary>Key material that a published vector prescribes: the given bytes in order, and a failure when more or fewer are drawn than it says.</summary>
internal sealed class ScriptedKeyEntropy(params byte[] bytes) : KeyEntropy
{
    private int _position;

    /// <summary>Whether all of it was drawn.</summary>
    public bool IsSpent => _position == bytes.Length;

    public override void Fill(Span<byte> destination)
    {
        bytes.AsSpan(_position, destination.Length).CopyTo(destination);
        _position += destination.Length;
    }
}
