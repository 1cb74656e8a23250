import AgentCore
import ISCSI
import Initiator

/// What a discovery found, for people.
enum DiscoveryText {
    static func table(_ report: DiscoveryReport, _ request: DiscoveryRequest) -> [UInt8] {
        if report.targets.isEmpty { return Array(("No targets were found.\n" + footer(report, request)).utf8) }
        return Array("Targets\n".utf8) + targets(report.targets) + Array(footer(report, request).utf8)
    }

    private static func footer(_ report: DiscoveryReport, _ request: DiscoveryRequest) -> String {
        var text = ""
        if !report.problems.isEmpty {
            text += "\nProblems\n"
            text += TextTable.lines(
                ["ADDRESS", "OUTCOME", "DETAIL"], report.problems.map { [$0.address, $0.outcome.rawValue, $0.detail] })
            let steps = Set(report.problems.map(\.outcome)).sorted { $0.rawValue < $1.rawValue }
            for outcome in steps { if let step = nextStep(outcome) { text += "  \(outcome.rawValue): \(step)\n" } }
        }
        if !request.ranges.isEmpty {
            let ranges = request.ranges.map(\.description).joined(separator: ", ")
            text += "\nScanned \(ranges): \(report.progress.tried) addresses, port \(request.scanPort).\n"
        }
        return text
    }

    /// Discovery's credentials are not those of sessions.
    private static func nextStep(_ outcome: ISCSIOutcome) -> String? {
        guard outcome == .authenticationWanted else { return outcome.nextStep }
        return "give the user and the secret of discovery (--discovery-chap-user and --discovery-chap-secret-file)"
    }

    private static let heading = ["TARGET", "PORTAL", "GROUP", "INTERFACE", "AUTHENTICATION", "STATE", "FROM", "MAKER", "SERIAL"]

    /// A row for each portal; the first one says what is said of the target.
    private static func targets(_ targets: [FoundTarget]) -> [UInt8] {
        var table = TextTable(heading, rows: targets.count)
        // Most are where the one before is.
        var (last, place): (FoundTarget.Portal?, [String]) = (nil, ["-", "-", "-"])
        for target in targets {
            for index in 0..<max(target.portals.count, 1) {
                let portal = target.portals.isEmpty ? nil : target.portals[index]
                if portal != last {
                    last = portal
                    place = [portal?.address.description ?? "-", portal?.groupTag.map { "\($0)" } ?? "-", portal?.interface ?? "-"]
                }
                table.append(index == 0 ? WireText.excerpt(target.spelling, limit: 1024) : "")
                for cell in place { table.append(cell) }
                if index == 0 { append(target, to: &table) }
                table.endRow()
            }
        }
        return table.bytes
    }

    private static func append(_ target: FoundTarget, to table: inout TextTable) {
        table.append(target.authentication.rawValue)
        switch (target.isConnected, target.isRecorded) {
        case (true, true): table.append("connected,recorded")
        case (true, false): table.append("connected")
        case (false, true): table.append("recorded")
        case (false, false): table.append("-")
        }
        table.append(target.sources.count == 1 ? target.sources[0].rawValue : target.sources.map(\.rawValue).joined(separator: ","))
        let maker = [target.maker?.vendor, target.maker?.product].compactMap { $0 }
        table.append(maker.isEmpty ? "-" : maker.joined(separator: " "))
        table.append(target.maker?.serial ?? "-")
    }
}
