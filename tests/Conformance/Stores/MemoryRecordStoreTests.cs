using Kadath.Kademlia.Storage;

namespace Kadath.Tests.Conformance.Stores;

public sealed class MemoryRecordStoreTests : RecordStoreConformance
{
    protected override IRecordStore Create() => new MemoryRecordStore();
}
