import AgentCore
import ArgumentParser
import ISCSI
import Initiator

/// `quartermaster-agent iscsi wizard`: from nothing to a verified volume, by questions.
struct WizardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wizard", abstract: "Asks what is to be connected and how, shows the plan, and carries it out.",
        discussion: """
            The steps of discover and connect, a question at a time: Fibre Channel or iSCSI; a scan, an address or iSNS; the storage system, its portals, \
            the network interface; user and secret where they are wanted; then the plan, which nothing is changed before. A failure leads back to the \
            question whose answer was wrong, and keeps the others. For Fibre Channel, ports and what they see are shown and looked at anew.

            Each question is a few plain lines, and each answer a line: a number, a word or its beginning, or Enter for what is named as taken by it. b or < goes \
            back, b NAME to the question of that name, ? helps, q ends and changes nothing; a backslash before such a line makes it an answer. Nothing is drawn, coloured or \
            overwritten, and no line is longer than the terminal or 80 columns. Where standard input is no terminal, its lines are the answers, and at its end all stops.

            Secrets are typed and not shown, or stand in files of mode 0600. A typed one is kept nowhere: the file that --write-answers makes has \
            - in its place, and whoever runs it is asked for it.

            --answers takes all answers from a file of lines, key = value; in it, confirm = yes stands for the last question. Questions are named by their \
            keys: \(Wizard.Field.answerable.map(\.rawValue).joined(separator: ", ")).

            Exit code 0 where all was done, or was to be planned only; 1 where it was ended by q or no; 64 where the answers ended too early; 78 for a fault in a file of answers; else that of the \
            outcome, as of discover and connect.

            EXAMPLES
              quartermaster-agent iscsi wizard
              quartermaster-agent iscsi wizard --dry-run --write-answers /etc/quartermaster/array1.answers
              quartermaster-agent iscsi wizard --answers /etc/quartermaster/array1.answers --format json
              printf '%s\\n' iscsi address 192.0.2.1 1 all default automatic none yes | quartermaster-agent iscsi wizard
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Take the answers from this file.", valueName: "file"), completion: .file())
    var answers: String?

    @Option(
        help: ArgumentHelp("Write the answers that were given to this file, mode 0600, but no secret.", valueName: "file"),
        completion: .file())
    var writeAnswers: String?

    @Flag(help: "Stop when the plan stands; change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("How long sessions and units may take to appear (default: 60s).", valueName: "time"))
    var timeout: TimeSpan?

    @Option(help: "How to print the result: text or json. The questions are on standard error.")
    var format: OutputFormat = .text

    func run() throws {
        Interruption.allow(InitiatorTools.nothingChanged)
        let console = WizardConsole()
        var tools = try InitiatorTools(common)
        tools.log = console.log
        let file = try answers.map { path throws(AgentError) in
            try AnswersFile(path, keys: Wizard.Field.answerable.map(\.rawValue))
        }
        let output = try writeAnswers.map { path throws(AgentError) in try AnswersOutput(path) }
        let work = WizardWork(common: common, tools: tools, console: console, timeout: timeout?.duration, isDryRun: dryRun)
        var dialogue = WizardDialogue(
            wizard: Wizard(try work.hostChoices(), stopsAtPlan: dryRun), work: work, console: console, file: file, format: format)
        try dialogue.run(writing: output)
    }
}
