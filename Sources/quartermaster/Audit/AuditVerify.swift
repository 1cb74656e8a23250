import ArgumentParser
import ControllerAPI

struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks the chain of audit events, archives included; names the first broken link, and exits with 1.",
        discussion: """
            EXAMPLES
              quartermaster audit verify
            """)

    @OptionGroup var client: ClientOptions

    func run() async throws {
        var intact = true
        try await client.show(ControllerRequest(.verifyAudit), as: AuditVerification.self) {
            $0.detail
        } examine: {
            intact = $0.intact
        }
        guard intact else { throw CommandFailure(.failed, "the audit trail is broken; compare it with a backup") }
    }
}
