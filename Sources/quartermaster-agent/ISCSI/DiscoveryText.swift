import AgentCore
import ISCSI
import Initiator

/// What a discovery found, for people.
enum DiscoveryText {
    static func table(_ report: DiscoveryReport, _ request: DiscoveryRequest) -> String {
        var text = ""
        if report.targets.isEmpty {
            text += "No targets were found.\n"
        } else {
            text += "Targets\n" + TextTable.lines(heading, report.targets.flatMap(rows))
        }
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
    private static func rows(_ target: FoundTarget) -> [[String]] {
        let state = [target.isConnected ? "connected" : nil, target.isRecorded ? "recorded" : nil].compactMap { $0 }
        let portals = target.portals.isEmpty ? [nil] : target.portals.map(Optional.some)
        return portals.enumerated().map { index, portal in
            let place = [
                portal?.address.description ?? "-", portal?.groupTag.map { "\($0)" } ?? "-", portal?.interface ?? "-",
            ]
            guard index == 0 else { return [""] + place }
            let maker = [target.maker?.vendor, target.maker?.product].compactMap { $0 }
            return [target.spelling] + place + [
                target.authentication.rawValue, state.isEmpty ? "-" : state.joined(separator: ","),
                target.sources.map(\.rawValue).joined(separator: ","), maker.isEmpty ? "-" : maker.joined(separator: " "),
                target.maker?.serial ?? "-",
            ]
        }
    }
}
