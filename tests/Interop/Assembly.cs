// Peers share two cores with the tests: one class at a time keeps every deadline honest.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
