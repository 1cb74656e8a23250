import ArgumentParser
import ControllerAPI

/// For what cannot be undone: asks on a terminal, and wants `--yes` where nobody can be asked.
struct Confirmation: ParsableArguments {
    @Flag(help: "Does it without asking.")
    var yes = false

    @Flag(help: "Says what would be done, and does nothing.")
    var dryRun = false

    /// Returns where it may go on.
    func obtain(_ question: String) throws(CommandFailure) {
        if yes || dryRun { return }
        guard Terminal.isInteractive else {
            throw CommandFailure(.usage, "\(question) This cannot be undone: say --yes, or --dry-run to see what it would do")
        }
        guard ["y", "yes"].contains((Terminal.ask(question + " [y/N] ") ?? "").lowercased()) else {
            throw CommandFailure(.failed, "nothing was done")
        }
    }

    var query: [String: String] { dryRun ? ["dryRun": "true"] : [:] }
}
