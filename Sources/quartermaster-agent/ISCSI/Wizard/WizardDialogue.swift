import AgentCore
import ArgumentParser
import Files
import ISCSI
import Identifiers
import Initiator

/// Drives the wizard: asks what it asks, does what it wants done, tells it what came of that.
struct WizardDialogue {
    private var wizard: Wizard
    private let work: WizardWork
    private let console: WizardConsole
    private let file: AnswersFile?
    private let format: OutputFormat
    private var secrets = WizardSecrets()
    /// Questions that the file has answered: what turned out to be wrong then is so the second time.
    private var answered: Set<Wizard.Field> = []
    private var plan: SetupPlan?
    private var result: Setup.Result?
    private var changes: [Rescan.Change] = []
    /// Of a connection that failed, not all could be taken back.
    private var hasLeftOver = false
    /// What failed last; how this ends where nobody answers any more.
    private var failure: SetupError?

    init(wizard: Wizard, work: WizardWork, console: WizardConsole, file: AnswersFile?, format: OutputFormat) {
        (self.wizard, self.work, self.console, self.file, self.format) = (wizard, work, console, file, format)
    }

    mutating func run(writing output: AnswersOutput?) throws {
        if file == nil { console.say("Each answer is a line. ? helps, b goes back, q ends and changes nothing.") }
        while true {
            for notice in wizard.takeNotices() { console.say(notice) }
            switch wizard.step {
            case .ask(let question): try ask(question)
            case .rescan: try rescan()
            case .discover(let search): try discover(search)
            case .plan(let connection): try makePlan(connection)
            case .connect(let connection): try connect(connection)
            case .finished(let end):
                return try finish(end, output)
            }
        }
    }

    // MARK: Questions

    private mutating func ask(_ question: Wizard.Question) throws {
        if let file { return try take(question, from: file) }
        var listing = Wizard.Listing(question, width: console.width, height: console.height - 6)
        show(question, listing)
        while true {
            guard let line = console.answer(isHidden: question.field.isSecret) else { try stop(at: question) }
            let text = line.trimmed
            switch text.lowercased() {
            case "q", "quit": try quit()
            case "?":
                console.say("\(question.help) Expected: \(question.expected). In a file of answers this is \(question.field.rawValue).")
            case "b", "<", "back":
                if wizard.goBack() { return }
                console.say("This is the first question.")
            case let words where words.hasPrefix("b ") || words.hasPrefix("< "):
                let name = String(words.dropFirst(2)).trimmed
                if let field = Wizard.Field(rawValue: name), wizard.goBack(to: field) { return }
                console.say(
                    "No question before this one has that name; there are: \(wizard.path.dropLast().map(\.rawValue).joined(separator: ", "))."
                )
            case "" where listing.hasMore:
                listing.more()
                for line in listing.lines { console.say(line) }
            default:
                switch question.read(text.hasPrefix("\\") ? String(text.dropFirst()) : text) {
                case .answer(let value): return try answer(question.field, value)
                case .narrowed(let places):
                    listing.narrow(to: places)
                    for line in listing.lines { console.say(line) }
                case .wrong: console.say("That is no answer here. Expected: \(question.expected).")
                }
            }
        }
    }

    private func show(_ question: Wizard.Question, _ listing: Wizard.Listing) {
        console.blankLine()
        console.say("\(question.text) (\(question.field.rawValue))")
        for line in listing.lines { console.say(line) }
        guard let initial = question.initial else { return }
        if question.field.isSecret, initial == "-" {
            console.say("Enter, to type it; or a file of mode 0600 that holds it. Neither is shown.")
        } else {
            console.say("Enter\(listing.hasMore ? ", on the last page," : "") takes: \(initial)")
        }
    }

    private mutating func take(_ question: Wizard.Question, from file: AnswersFile) throws {
        let key = question.field.rawValue
        if failure != nil, file.answers[key] == nil { try stop(at: question) }
        guard question.field != .again, answered.insert(question.field).inserted else { try stop(at: question) }
        guard let given = file.answers[key], case .answer(let value) = question.read(given.value, isExact: true) else {
            throw file.fault(key, allowed: question.expected, isSecret: question.field.isSecret)
        }
        // It leads to another network, for which there is no second answer.
        if question.field == .largeScan, value == "no" { throw file.fault(key, allowed: "yes; or a smaller network as subnet") }
        console.say(question.field.isSecret ? question.text : "\(question.text) \(value)")
        try answer(question.field, value)
    }

    private mutating func answer(_ field: Wizard.Field, _ value: String) throws {
        wizard.answer(field, value)
        guard field.isSecret else { return }
        do throws(WizardSecrets.Refusal) {
            let advice = try secrets.take(field, value, wizard.answers, console)
            if value != "-" { console.say("It is read from \(value).") }
            for advice in advice { console.say(advice) }
        } catch {
            switch (file, error) {
            case (let file?, .noFile): throw file.fault(field.rawValue, allowed: wizard.question(field).expected, isSecret: true)
            case (_?, .unreadable(let error)): throw error
            default: break
            }
            failure = .outcome(.invalidParameter, detail: "\(error)")
            wizard.refuse(field, "\(error)")
        }
    }

    // MARK: Effects

    /// True where the secrets of both directions do not go together: the second is asked for again.
    private mutating func refuses(_ credentials: CHAPCredentials?, _ mutualSecret: Wizard.Field) -> Bool {
        guard let refusal = WizardSecrets.refusal(credentials) else { return false }
        failure = .outcome(.invalidParameter, detail: "\(refusal)")
        wizard.refuse(mutualSecret, "\(refusal).")
        return true
    }

    private mutating func discover(_ search: Wizard.Search) throws {
        let credentials = secrets.credentials(search.credentials, .discoverySecret, .discoveryMutualSecret)
        if refuses(credentials, .discoveryMutualSecret) { return }
        switch try work.discover(search, credentials) {
        case .success(let report):
            let problem = report.problems.first(where: \.isNamed) ?? report.problems.first
            let nothing = SetupError.outcome(.targetNotFound, detail: "no storage system was found")
            let why = problem.map { SetupError.outcome($0.outcome, detail: "\($0.address): \($0.detail)") } ?? nothing
            failure = report.targets.isEmpty ? why : nil
            wizard.discovered(report, by: search)
        case .failure(let error): try fail(error)
        }
    }

    private mutating func makePlan(_ connection: Wizard.Connection) throws {
        let credentials = secrets.credentials(connection.credentials, .chapSecret, .mutualSecret)
        if refuses(credentials, .mutualSecret) { return }
        let order = work.order(
            connection, credentials,
            discovery: secrets.credentials(connection.discoveryCredentials, .discoverySecret, .discoveryMutualSecret))
        switch work.plan(order, installs: connection.installs) {
        case .success(let plan):
            self.plan = plan
            // A file has no second answer: its run ends with what failed first, if anything did.
            if file == nil { failure = nil }
            wizard.planned(connection, order.advice(plan) + ["This is the plan:"] + plan.lines(folder: work.tools.tree.records))
        case .failure(let error): try fail(error)
        }
    }

    private mutating func connect(_ connection: Wizard.Connection) throws {
        guard let plan else { return }
        switch work.connect(plan) {
        case .success(let result) where result.outcome == .connected:
            self.result = result
            wizard.connected()
        case .success(let result):
            hasLeftOver = result.leftOver != nil
            let left = result.leftOver.map { ". Not all could be taken back: \($0)" } ?? ""
            let back = result.isRolledBack && result.outcome != .interrupted ? "; records and sessions are as they were before" : ""
            try fail(WizardWork.Failure(result.outcome, result.detail + back + left))
        case .failure(let error): try fail(error)
        }
    }

    private mutating func rescan() throws {
        switch work.rescan(wizard.host.fibreChannel) {
        case .success(let changes):
            self.changes = changes
            wizard.rescanned(changes.isEmpty ? ["Nothing is other than before."] : changes.map(\.line))
        case .failure(let error): try fail(error)
        }
    }

    private mutating func fail(_ error: WizardWork.Failure) throws {
        // Who interrupts it is not asked anything more.
        if error.outcome == .interrupted { try SetupEnding(error.outcome, error.detail).throwing(format, console.log) }
        failure = .outcome(error.outcome, detail: error.detail)
        wizard.fail(error.outcome, error.detail)
    }

    // MARK: Ends

    /// The answers are at their end, or the file's was wrong.
    private func stop(at question: Wizard.Question) throws -> Never {
        console.say("Stopped at \"\(question.text)\" (\(question.field.rawValue)): there are no more answers. \(unchanged)")
        if let failure { try SetupEnding(failure).throwing(format, console.log) }
        throw ExitCode(ExitStatus.usage.rawValue)
    }

    private var unchanged: String {
        hasLeftOver ? "Not all could be taken back; the next command that changes something goes on with it." : "Nothing was changed."
    }

    private func quit() throws -> Never {
        console.say(unchanged)
        throw ExitCode(ExitStatus.failed.rawValue)
    }

    /// What stands is told in any case, then that the answers could not be written.
    private func finish(_ end: Wizard.End, _ output: AnswersOutput?) throws {
        var unwritten: AgentError?
        do throws(AgentError) { if let output { try write(to: output) } } catch { unwritten = error }
        defer { if let unwritten { console.say("The answers were not written: \(unwritten)") } }
        let ending = WizardEnding(end: end, plan: plan, result: result, ports: wizard.host.fibreChannel, changes: changes)
        try ending.print(format, work.tools, console)
        if let unwritten { throw ExitCode(unwritten.exitStatus.rawValue) }
    }

    private func write(to output: AnswersOutput) throws(AgentError) {
        let entries = wizard.record.map { field, value in
            let question = wizard.question(field)
            let isTyped = field.isSecret && value == "-"
            let about =
                isTyped ? ["It was typed, and is written nowhere: a run from this file asks for it."] : ["Allowed: \(question.expected)"]
            return (key: field.rawValue, value: value, about: [question.text] + about)
        }
        let heading = [
            "Answers for quartermaster-agent iscsi wizard --answers. No secret is in here, but the names of files that hold some may be."
        ]
        try output.write(AnswersFile.bytes(heading: heading, entries))
        console.say("The answers are in \(output.path).")
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(String(drop(while: isBlank)).reversed().drop(while: isBlank).reversed())
    }
}
