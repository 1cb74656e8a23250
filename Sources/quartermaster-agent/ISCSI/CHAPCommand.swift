import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi chap`: the host's own secrets.
struct CHAPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chap", abstract: "Checks CHAP secrets, or records others for a target.",
        discussion: """
            EXAMPLES
              quartermaster-agent iscsi chap check --chap-user host1 --chap-secret-file /etc/quartermaster/secret
              quartermaster-agent iscsi chap set iqn.2026-11.com.example:array1 --chap-user host1 --chap-secret-file /etc/quartermaster/secret
            """, subcommands: [Check.self, Set.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Says how strong secrets are, and whether they may be used. Nothing is sent, nothing written.",
            discussion: """
                At least 96 bits (12 bytes) are advised, and at most 16 bytes, which every initiator and storage system takes; the secrets of the two \
                directions must differ. Exit code 0 where they may be used, 64 where not.

                EXAMPLES
                  quartermaster-agent iscsi chap check --chap-user host1 --chap-secret-file /etc/quartermaster/secret
                """)

        @OptionGroup var common: CommonOptions
        @OptionGroup var chap: SessionCHAPOptions

        @Option(help: "How to print it: text or json.")
        var format: OutputFormat = .text

        func validate() throws {
            if chap.chapUser == nil { throw ValidationError("--chap-user and --chap-secret-file say what is to be checked.") }
        }

        func run() throws {
            guard let credentials = try chap.credentials() else { return }
            let findings = credentials.findings
            let refusal = findings.first(where: \.isRefusal)
            var lines = ["secret         \(credentials.secret.count * 8) bits at most"]
            if let mutual = credentials.mutual { lines.append("mutual secret  \(mutual.secret.count * 8) bits at most") }
            lines += findings.isEmpty ? ["nothing speaks against them"] : findings.map(\.description)
            try printOutcome(format, lines, outcome: refusal == nil ? .done : .invalidParameter) { writer in
                writer.member("bits", credentials.secret.count * 8)
                writer.member("mutualBits", credentials.mutual.map { $0.secret.count * 8 })
                writer.member("findings", strings: findings.map(\.description))
            }
            if let refusal { try SetupEnding(.invalidParameter, refusal.description).throwing(.standardError(level: .notice)) }
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Records other credentials for a target. They are tried at its portals first.",
            discussion: """
                Sessions that stand go on with the old ones, and use the new ones when they are made again.

                EXAMPLES
                  quartermaster-agent iscsi chap set iqn.2026-11.com.example:array1 --chap-user host1 --chap-secret-file /etc/quartermaster/secret
                """)

        @OptionGroup var common: CommonOptions
        @OptionGroup var chap: SessionCHAPOptions

        @Argument(help: "The target's name.")
        var target: ISCSIName

        @Option(help: "How to print what was done: text or json.")
        var format: OutputFormat = .text

        func validate() throws {
            if chap.chapUser == nil { throw ValidationError("--chap-user and --chap-secret-file say what is to be recorded.") }
        }

        func run() throws {
            let tools = try InitiatorTools(common)
            guard let credentials = try chap.credentials() else { return }
            let plan = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
                try tools.alone { setup throws(SetupError) in
                    let preparation = Preparation(
                        database: tools.database, probe: try tools.probe(), multipathRuns: { false })
                    let plan = try preparation.plan(credentials: credentials, for: target)
                    for advice in plan.advice { tools.log.warning(advice) }
                    try setup.carryOut(plan)
                    return plan
                }
            }
            let count = plan.changes.count
            try printOutcome(format, ["recorded for \(target): \(count) record\(count == 1 ? "" : "s") changed"]) { writer in
                writer.member("target", target.description)
                writer.member("plan", plan)
            }
        }
    }
}
