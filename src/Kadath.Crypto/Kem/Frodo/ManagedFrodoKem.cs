using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>FrodoKEM in C#, salted as in the ISO proposal of 2023-03-14, and its ephemeral variant, which is round 3's of NIST. Experimental.</summary>
/// <remarks>
/// <para>The ephemeral variant's keys are for one encapsulation each; use the others' so as well. Encapsulation keys have no form to check but their length.</para>
/// <para>An imported key is s ‖ seedA ‖ b ‖ Sᵀ ‖ pkh, whose hash is checked. An operation has some hundred KiB on the stack.</para>
/// </remarks>
[SkipLocalsInit]
public sealed class ManagedFrodoKem : IKem
{
    private readonly FrodoParameters _parameters;
    private readonly FrodoPke _pke;

    internal ManagedFrodoKem(FrodoParameters parameters, VectorWidth width = VectorWidth.Bits512)
    {
        _parameters = parameters;
        _pke = new(parameters, VectorWidths.AtMost(width));
    }

    /// <summary>FrodoKEM-640-SHAKE.</summary>
    public static ManagedFrodoKem Frodo640Shake { get; } = new(FrodoParameters.Frodo640Shake);

    /// <summary>FrodoKEM-640-AES.</summary>
    public static ManagedFrodoKem Frodo640Aes { get; } = new(FrodoParameters.Frodo640Aes);

    /// <summary>FrodoKEM-976-SHAKE.</summary>
    public static ManagedFrodoKem Frodo976Shake { get; } = new(FrodoParameters.Frodo976Shake);

    /// <summary>FrodoKEM-976-AES.</summary>
    public static ManagedFrodoKem Frodo976Aes { get; } = new(FrodoParameters.Frodo976Aes);

    /// <summary>eFrodoKEM-640-SHAKE.</summary>
    public static ManagedFrodoKem Ephemeral640Shake { get; } = new(FrodoParameters.Ephemeral640Shake);

    /// <summary>eFrodoKEM-640-AES.</summary>
    public static ManagedFrodoKem Ephemeral640Aes { get; } = new(FrodoParameters.Ephemeral640Aes);

    /// <summary>eFrodoKEM-976-SHAKE.</summary>
    public static ManagedFrodoKem Ephemeral976Shake { get; } = new(FrodoParameters.Ephemeral976Shake);

    /// <summary>eFrodoKEM-976-AES.</summary>
    public static ManagedFrodoKem Ephemeral976Aes { get; } = new(FrodoParameters.Ephemeral976Aes);

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int EncapsulationKeyBytes => _parameters.EncapsulationKeyBytes;

    /// <inheritdoc/>
    public int CiphertextBytes => _parameters.CiphertextBytes;

    /// <inheritdoc/>
    public int SecretBytes => _parameters.SecretBytes;

    /// <inheritdoc/>
    public KemPrivateKey Generate(KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        return PrivateKey.Generate(_parameters, _pke, entropy);
    }

    /// <inheritdoc/>
    public KemPrivateKey? Import(ReadOnlySpan<byte> seedOrKey) =>
        seedOrKey.Length == _parameters.PrivateKeyBytes ? PrivateKey.FromExpanded(_parameters, _pke, seedOrKey) : null;

    /// <inheritdoc/>
    public bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, KeyEntropy entropy, Span<byte> ciphertext, Span<byte> secret)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Destination.Check(ciphertext, CiphertextBytes, nameof(ciphertext));
        Destination.Check(secret, SecretBytes, nameof(secret));
        if (encapsulationKey.Length != EncapsulationKeyBytes)
        {
            return false;
        }

        // pkh ‖ µ ‖ salt; then seedSE ‖ k.
        Span<byte> input = stackalloc byte[(2 * SecretBytes) + _parameters.SaltBytes];
        Span<byte> output = stackalloc byte[_parameters.NoiseSeedBytes + SecretBytes];
        Sponge.Hash(_parameters.HashRate, Sponge.ShakeSuffix, encapsulationKey, [], input[..SecretBytes]);
        entropy.Fill(input[SecretBytes..(2 * SecretBytes)]);
        if (_parameters.SaltBytes > 0)
        {
            entropy.Fill(input[(2 * SecretBytes)..]);
        }

        ciphertext = ciphertext[..CiphertextBytes];
        Encapsulate(_parameters, _pke, encapsulationKey, input, output, ciphertext);
        Sponge.Hash(_parameters.HashRate, Sponge.ShakeSuffix, ciphertext, output[^SecretBytes..], secret[..SecretBytes]);
        Erase.Span(input);
        Erase.Span(output);
        return true;
    }

    /// <summary>The ciphertext of a message, deterministically.</summary>
    private static void Encapsulate(
        FrodoParameters parameters, FrodoPke pke, ReadOnlySpan<byte> encapsulationKey, ReadOnlySpan<byte> input, Span<byte> output, Span<byte> ciphertext)
    {
        Sponge.Hash(parameters.HashRate, Sponge.ShakeSuffix, input, [], output);
        var message = input[parameters.SecretBytes..(2 * parameters.SecretBytes)];
        pke.Encrypt(encapsulationKey, message, output[..parameters.NoiseSeedBytes], ciphertext);
        input[(2 * parameters.SecretBytes)..].CopyTo(ciphertext[^parameters.SaltBytes..]);
    }

    [SkipLocalsInit]
    private sealed class PrivateKey : KemPrivateKey
    {
        private readonly FrodoParameters _parameters;
        private readonly FrodoPke _pke;

        // Sᵀ, then s, pkh and the encapsulation key.
        private readonly SecretMemory _memory;

        private PrivateKey(FrodoParameters parameters, FrodoPke pke)
        {
            (_parameters, _pke) = (parameters, pke);
            _memory = new(parameters.PrivateKeyBytes);
        }

        private int TransposedBytes => sizeof(ushort) * FrodoParameters.Columns * _parameters.N;

        private Span<ushort> Transposed => MemoryMarshal.Cast<byte, ushort>(_memory.Bytes[..TransposedBytes]);

        private Span<byte> Rejection => _memory.Bytes.Slice(TransposedBytes, _parameters.SecretBytes);

        private Span<byte> KeyHash => _memory.Bytes.Slice(TransposedBytes + _parameters.SecretBytes, _parameters.SecretBytes);

        private Span<byte> EncapsulationKey => _memory.Bytes[^_parameters.EncapsulationKeyBytes..];

        public static PrivateKey Generate(FrodoParameters parameters, FrodoPke pke, KeyEntropy entropy)
        {
            var key = new PrivateKey(parameters, pke);
            Span<byte> seeds = stackalloc byte[parameters.SecretBytes + parameters.NoiseSeedBytes + FrodoParameters.MatrixSeedBytes];
            entropy.Fill(seeds);
            seeds[..parameters.SecretBytes].CopyTo(key.Rejection);
            var matrixSeed = key.EncapsulationKey[..FrodoParameters.MatrixSeedBytes];
            Sponge.Hash(parameters.HashRate, Sponge.ShakeSuffix, seeds[^FrodoParameters.MatrixSeedBytes..], [], matrixSeed);
            pke.GenerateKey(seeds.Slice(parameters.SecretBytes, parameters.NoiseSeedBytes), key.Transposed, key.EncapsulationKey);
            Sponge.Hash(parameters.HashRate, Sponge.ShakeSuffix, key.EncapsulationKey, [], key.KeyHash);
            Erase.Span(seeds);
            GC.KeepAlive(key);
            return key;
        }

        public static PrivateKey? FromExpanded(FrodoParameters parameters, FrodoPke pke, ReadOnlySpan<byte> expanded)
        {
            var key = new PrivateKey(parameters, pke);
            expanded[..parameters.SecretBytes].CopyTo(key.Rejection);
            expanded.Slice(parameters.SecretBytes, parameters.EncapsulationKeyBytes).CopyTo(key.EncapsulationKey);
            expanded[^(key.TransposedBytes + parameters.SecretBytes)..^parameters.SecretBytes].CopyTo(MemoryMarshal.AsBytes(key.Transposed));
            Sponge.Hash(parameters.HashRate, Sponge.ShakeSuffix, key.EncapsulationKey, [], key.KeyHash);
            var isWhole = ConstantTime.AreEqual(key.KeyHash, expanded[^parameters.SecretBytes..]);
            GC.KeepAlive(key);
            if (isWhole)
            {
                return key;
            }

            key.Dispose();
            return null;
        }

        public override void CopyEncapsulationKey(Span<byte> encapsulationKey)
        {
            Destination.Check(encapsulationKey, _parameters.EncapsulationKeyBytes, nameof(encapsulationKey));
            EncapsulationKey.CopyTo(encapsulationKey);
            GC.KeepAlive(this);
        }

        public override bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> secret)
        {
            Destination.Check(secret, _parameters.SecretBytes, nameof(secret));
            var transposed = Transposed;
            if (ciphertext.Length != _parameters.CiphertextBytes)
            {
                return false;
            }

            var secretBytes = _parameters.SecretBytes;
            Span<byte> input = stackalloc byte[(2 * secretBytes) + _parameters.SaltBytes];
            Span<byte> output = stackalloc byte[_parameters.NoiseSeedBytes + secretBytes];
            Span<byte> again = stackalloc byte[ciphertext.Length];
            KeyHash.CopyTo(input);
            _pke.Decrypt(transposed, ciphertext, input[secretBytes..(2 * secretBytes)]);
            ciphertext[^_parameters.SaltBytes..].CopyTo(input[(2 * secretBytes)..]);
            Encapsulate(_parameters, _pke, EncapsulationKey, input, output, again);

            // In constant time: how far a ciphertext is from its own would tell the key.
            var differ = ConstantTime.DifferenceMask(ciphertext, again);
            var chosen = output[^secretBytes..];
            ConstantTime.Select(differ, Rejection, chosen, chosen);
            Sponge.Hash(_parameters.HashRate, Sponge.ShakeSuffix, ciphertext, chosen, secret[..secretBytes]);
            Erase.Span(input);
            Erase.Span(output);
            Erase.Span(again);
            GC.KeepAlive(this);
            return true;
        }

        public override void Dispose() => _memory.Dispose();
    }
}
