import ArgumentParser

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who did what when, and the proof.",
        discussion: """
            EXAMPLES
              quartermaster audit list --limit 20
              quartermaster audit verify
            """,
        subcommands: [AuditList.self, AuditVerify.self])
}
