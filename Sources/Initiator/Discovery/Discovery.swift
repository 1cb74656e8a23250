import Files
import ISCSI

/// Finds targets: all sources of a request at once, one list. Nothing is recorded and nobody is logged in.
package enum Discovery {
    /// - Parameters:
    ///   - interrupt: a descriptor that becomes readable when what was found is to be told at once.
    ///   - isOver: called once nobody is asked any more, and `interrupt` not looked at: what was found is yet to be put in order.
    ///   - progress: told of it five times a second.
    package static func run(
        _ request: DiscoveryRequest, hostInterfaces: [NetworkInterface] = NetworkInterface.all(), known: KnownTargets = KnownTargets(),
        interrupt: Int32? = nil, isOver: () -> Void = {}, resolver given: NameResolver? = nil,
        progress: ((DiscoveryProgress) -> Void)? = nil
    ) throws(FileError) -> DiscoveryReport {
        // A redirection may name a host too; its threads are started when there is something to look up.
        let resolver: NameResolver
        if let given { resolver = given } else { resolver = try NameResolver() }
        var client = DiscoveryClient(request, hostInterfaces: hostInterfaces, resolver: resolver, report: progress)
        client.begin(now: Instant.now())
        var loop = try ConnectionLoop(client: client, limits: request.limits, interrupt: interrupt, wake: resolver.descriptor)
        let end = try loop.run()
        isOver()
        loop.client.finish()

        var report = DiscoveryReport()
        report.targets = loop.client.targets.sorted(known: known)
        report.problems = loop.client.problems.sorted()
        report.progress = loop.client.progress
        report.notes = known.notes
        switch end {
        case .finished: report.end = .finished
        case .interrupted: report.end = .interrupted
        case .outOfTime: report.end = .outOfTime
        }
        if loop.client.unasked > 0 {
            report.notes.append(
                "\(loop.client.unasked) targets were not asked whether they want authentication; --authentication all asks every one")
        }
        if !loop.client.md5Portals.isEmpty {
            report.notes.append(
                "\(loop.client.md5Portals.joined(separator: ", ")): CHAP with MD5, which is weak, is all that was taken there")
        }
        return report
    }
}
