using System.Text.Json;
using System.Text.Json.Nodes;
using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.Crypto;

/// <summary>A foreign collection of cryptographic primitives, driven with JSON lines. Bytes are in hexadecimal.</summary>
internal sealed class CryptoPeer : IAsyncDisposable
{
    /// <summary>aws-lc, ring, libcrux, dalek and RustCrypto.</summary>
    public const string Rust = "rscrypto";

    /// <summary>Cloudflare's circl.</summary>
    public const string Circl = "circl";

    private readonly ForeignProcess _process;

    private CryptoPeer(ForeignProcess process) => _process = process;

    /// <summary>Starts one; skips the test, with the reason, where it is not installed.</summary>
    public static async Task<CryptoPeer> StartAsync(string name)
    {
        string installed = name == Circl ? Anacrolix.PeerName : name;
        Assert.SkipWhen(PeerHome.Missing(installed) is not null, $"{name}: {PeerHome.Missing(installed)}");
        string[] command = name == Circl ? [PeerHome.Binary("gopeer"), "circl"] : [PeerHome.Binary(name), "serve"];
        CryptoPeer peer = new(ForeignProcess.Start(name, folder: null, command));
        try
        {
            await peer._process.ReadyAsync(TimeSpan.FromSeconds(20));
            return peer;
        }
        catch (PeerException) when (name == Circl && peer._process.HasExited)
        {
            // The one built from the sources here speaks Mainline only.
            await peer.DisposeAsync();
            Assert.Skip("circl: this gopeer has no command circl");
            throw;
        }
    }

    /// <summary>Runs a command. Byte arrays become hexadecimal; null arguments are left out.</summary>
    public async Task<CryptoAnswer> CallAsync(string command, params (string Name, object? Value)[] arguments)
    {
        JsonObject request = [];
        foreach ((string name, object? value) in arguments)
        {
            switch (value)
            {
                case byte[] bytes:
                    request[name] = Convert.ToHexStringLower(bytes);
                    break;
                case string text:
                    request[name] = text;
                    break;
                case int number:
                    request[name] = number;
                    break;
            }
        }

        return new(await _process.CallAsync(command, request));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

/// <summary>What a foreign primitive answered.</summary>
internal readonly record struct CryptoAnswer(JsonElement Result)
{
    /// <summary>A member in hexadecimal.</summary>
    public byte[] this[string name] => Convert.FromHexString(Result.GetProperty(name).GetString()!);

    /// <summary>A verdict.</summary>
    public bool IsTrue(string name) => Result.GetProperty(name).GetBoolean();
}
