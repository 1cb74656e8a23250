/// What a discovery found.
package struct DiscoveryReport: Equatable, Sendable {
    package enum End: Equatable, Sendable { case finished, interrupted, outOfTime }

    /// By name.
    package var targets: [FoundTarget] = []
    /// By address.
    package var problems: [DiscoveryProblem] = []
    /// What the reader should know beyond that, a sentence each.
    package var notes: [String] = []
    package var progress = DiscoveryProgress()
    package var end = End.finished

    package init() {}
}
