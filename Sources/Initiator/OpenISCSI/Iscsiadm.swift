import ISCSI

/// open-iscsi's `iscsiadm`, which asks `iscsid` for logins and logouts. What it is called with names targets, portals and sessions, and never a
/// secret: those it reads from the records.
package struct Iscsiadm: Sendable {
    private let program: ExternalProgram
    private let deadline: Duration

    package init(program: ExternalProgram, deadline: Duration = .seconds(180)) {
        self.program = program
        self.deadline = deadline
    }

    /// What became of a call: the outcome, and `iscsiadm`'s own words.
    package struct Answer: Hashable, Sendable {
        package var status: IscsiadmStatus?
        package var outcome: ISCSIOutcome
        package var detail: String
    }

    /// The arguments, for the plan as for the call.
    package static func loginArguments(_ name: RecordName) -> [String] {
        ["-m", "node", "-T", name.spelling, "-p", name.portal, "-I", name.interface, "--login"]
    }
    package static func logoutArguments(session: UInt32) -> [String] { ["-m", "session", "-r", "\(session)", "--logout"] }

    package func login(_ name: RecordName) throws(SetupError) -> Answer { try call(Self.loginArguments(name)) }

    package func logout(session: UInt32) throws(SetupError) -> Answer { try call(Self.logoutArguments(session: session)) }

    private func call(_ arguments: [String]) throws(SetupError) -> Answer {
        let result = try program.run(arguments, deadline: deadline)
        guard let number = result.status else {
            return Answer(status: nil, outcome: .timedOut, detail: "iscsiadm was ended after \(deadline)")
        }
        let status = IscsiadmStatus(rawValue: number)
        return Answer(
            status: status, outcome: status?.outcome ?? .initiatorMisconfigured, detail: "iscsiadm ended with \(number): \(result.detail)")
    }
}
