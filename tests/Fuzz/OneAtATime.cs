using Xunit;

// The fuzzed node's memory is read for the whole process: nothing else may run meanwhile.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
