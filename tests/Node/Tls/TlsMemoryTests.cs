using Kadath.Tls.Streams;
using Xunit;

namespace Kadath.Tests.Node.Tls;

/// <summary>Tests that read what the whole process allocates run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Measured alone: TLS streams";
}

/// <summary>What a record costs in memory.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class TlsMemoryTests
{
    // A state machine or a buffer for each record would take a hundred bytes and more.
    private const double MostBytesPerRecord = 24;

    [Fact]
    public async Task Records_that_come_and_go_allocate_nothing()
    {
#if DEBUG
        Assert.Skip("without optimisation each asynchronous call has a state machine on the heap");
#endif
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await ExchangeAsync(pair, 2_000);

        // Threads that meet in the runtime's small caches of state machines miss them now and then: what each record cost would show in every batch.
        const int batches = 8, rounds = 1_000;
        double perRecord = double.PositiveInfinity;
        for (int i = 0; i < batches; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await ExchangeAsync(pair, rounds);
            perRecord = Math.Min(perRecord, (GC.GetTotalAllocatedBytes(precise: true) - before) / (2.0 * rounds));
        }

        Assert.True(perRecord < MostBytesPerRecord, $"{perRecord:0.0} bytes a record");
    }

    [Fact]
    public async Task A_stream_that_is_idle_holds_no_buffer_and_writes_on()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        Assert.Equal((0, 0), (pair.Client.SendingBytes, pair.Server.SendingBytes));
        for (int i = 0; i < 2; i++)
        {
            await ExchangeAsync(pair, 10);
            Assert.True(pair.Client.SendingBytes > 1200);
            // The first look sees that something was written; the stream's own timer may have looked meanwhile.
            pair.Client.LookWhetherIdle();
            pair.Client.LookWhetherIdle();
            Assert.Equal(0, pair.Client.SendingBytes);
        }
    }

    private static async Task ExchangeAsync(TlsPair pair, int rounds)
    {
        Task echoing = EchoAsync(pair.Server, rounds);
        byte[] buffer = new byte[1200];
        for (int i = 0; i < rounds; i++)
        {
            await pair.Client.WriteAsync(buffer);

            // One record comes whole; ReadExactlyAsync of the class library allocates.
            int read = 0;
            while (read < buffer.Length)
            {
                read += await pair.Client.ReadAsync(buffer.AsMemory(read));
            }
        }

        await echoing;
    }

    private static async Task EchoAsync(TlsStream stream, int rounds)
    {
        byte[] buffer = new byte[1200];
        for (int i = 0; i < rounds; i++)
        {
            int read = await stream.ReadAsync(buffer);
            await stream.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
