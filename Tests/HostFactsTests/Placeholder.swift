// HostFacts
