namespace Kadath.Crypto;

/// <summary>
/// The expanded key of AES-GCM: the round keys, then the powers of the hash key from the sixteenth down to the first, then zeros, which
/// a load of four powers may reach.
/// </summary>
internal sealed unsafe class GcmKeyMemory
{
    /// <summary>Powers of the hash key: sixteen blocks are reduced together at most.</summary>
    public const int PowerCount = 16;

    private const int PowersAt = 256, Size = PowersAt + (16 * (PowerCount + 8));

    private readonly PinnedSecret _memory = new(Size);

    private GcmKeyMemory(int keyBytes)
    {
        Rounds = AesSchedule.Rounds(keyBytes);
        RoundKeys = _memory.Start;
    }

    public int Rounds { get; }

    public byte* RoundKeys { get; }

    private byte* Powers => RoundKeys + PowersAt;

    public static GcmKeyMemory Create<TAes>(ReadOnlySpan<byte> key)
        where TAes : IAesInstructions
    {
        var memory = new GcmKeyMemory(key.Length);
        AesSchedule.Expand<TAes>(key, memory.RoundKeys);
        Ghash<TAes>.WritePowers(AesSchedule.Encrypt<TAes>(default, memory.RoundKeys, memory.Rounds), memory.Powers);
        return memory;
    }

    /// <summary>Where the powers stand for a run of blocks that ends the hashed data: the first is multiplied by H to the number of blocks, the last by H.</summary>
    public byte* PowersFor(int blocks) => Powers + (16 * (PowerCount - blocks));

    public void Erase() => _memory.Erase();
}
