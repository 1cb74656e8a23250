import AgentCore
import ArgumentParser
import Glibc
import Identifiers
import Messages
import ScratchPad

/// `quartermaster-agent register`: this host becomes one of the customer's.
struct RegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Registers this host with a storage provider, over a scratch pad.",
        discussion: """
            Sends the customer's account, domain and user with the password, and this host's facts, sealed so that only the provider's \
            controller reads them; waits for the answer and prints it. What is missing is asked for on a terminal. The password comes from a \
            file or a prompt, never from an argument. Run again, the command goes on where it was broken off; on a registered host it \
            registers anew, with what it is told this time, and a refusal leaves what there was as it is.

            Exit code 0 accepted, 77 refused, 75 no answer in time.

            EXAMPLES
              quartermaster-agent register --pad /mnt/pad --account account-… --domain production --user alice \\
                --controller-key SHA256:…
              quartermaster-agent register --pad /mnt/pad --account account-… --token-file /run/token --trust-on-first-use
              pass show storage | quartermaster-agent register --pad /mnt/pad --account account-… --domain production --user alice \\
                --password-file - --controller-key SHA256:… --format json
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The scratch pad's directory, as the provider has it.", valueName: "dir"), completion: .directory)
    var pad: String?

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: String?

    @Option(help: ArgumentHelp("The customer's domain that this host belongs to.", valueName: "name"))
    var domain: String?

    @Option(help: ArgumentHelp("The user who registers it, with the role server-admin at least.", valueName: "name"))
    var user: String?

    @Option(
        help: ArgumentHelp("A file of mode 0600 with the user's password; - is standard input.", valueName: "file"), completion: .file())
    var passwordFile: String?

    @Option(help: ArgumentHelp("A file with an enrolment token, in place of user and password.", valueName: "file"), completion: .file())
    var tokenFile: String?

    @Option(help: ArgumentHelp("The controller's fingerprint, as the provider told it: SHA256:…", valueName: "fingerprint"))
    var controllerKey: String?

    @Flag(help: "Believe the controller that the pad names, now and for good. With an enrolment token only.")
    var trustOnFirstUse = false

    @Option(
        help: ArgumentHelp(
            "How much to tell: 2 host and initiators, 3 and devices and file systems, 4 and applications.", valueName: "2|3|4"))
    var level: Int?

    @Option(help: ArgumentHelp("The cluster that this host shares volumes in.", valueName: "name"))
    var cluster: String?

    @Option(help: ArgumentHelp("How long to wait for the answer (default: 60s).", valueName: "time"))
    var timeout: TimeSpan?

    @Option(help: "How to print the answer: text or json.")
    var format: OutputFormat = .text

    func validate() throws {
        try checkNumber("--level", level, in: 2...4, "2, 3 or 4")
        if passwordFile != nil, tokenFile != nil { throw ValidationError("--password-file and --token-file exclude each other.") }
        if trustOnFirstUse, controllerKey != nil { throw ValidationError("--trust-on-first-use and --controller-key exclude each other.") }
    }

    func run() throws {
        let configuration = try common.configuration()
        let patience = timeout?.duration ?? configuration.timeout
        var questions = RegistrationQuestions(options: self, configuration: configuration, prompt: Prompt())
        try questions.readSecretAsRoot()
        try recordTrustAsRoot(questions)
        let known = try common.factsOfRoot(configuration)
        try common.actAsOwner(configuration)
        let enrolment = Enrolment(
            stateDirectory: common.registrations(configuration),
            context: common.context(configuration, timeout: patience, known: known))
        let outcome = try answer(questions, enrolment, patience)
        try print(outcome)
        if case .refused = outcome { throw ExitCode(ExitStatus.refused.rawValue) }
    }

    /// Root's word for a controller is kept where the root helper finds it: from then on it carries out what that controller orders.
    private func recordTrustAsRoot(_ questions: RegistrationQuestions) throws(AgentError) {
        guard geteuid() == 0, common.sysroot == nil || questions.configuration.helperDirectory != AgentConfiguration().helperDirectory,
            let key = questions.givenKey
        else { return }
        do throws(AgentError) {
            try TrustDirectory(questions.configuration.helperDirectory).trust(
                key, at: HostClock.system.now(), beside: registrationFile(questions.configuration))
        } catch {
            // The registration works without; orders that take root are refused, and the refusal says what to do.
            Log.standardError(level: .warning).warning("the controller's orders that take root will be refused: \(error)")
        }
    }

    /// The `register.conf` that is there too; a faulty one says nothing, to the root helper either.
    private func registrationFile(_ configuration: AgentConfiguration) -> RegistrationFile? {
        do throws(AgentError) {
            return try RegistrationFile.load(RegistrationFile.path(besideConfiguration: common.configurationFile), over: configuration)
        } catch {
            return nil
        }
    }

    /// The controller's, to what is told now.
    private func answer(
        _ questions: RegistrationQuestions, _ enrolment: Enrolment, _ patience: Duration
    ) throws(AgentError) -> Enrolment.Outcome {
        let (pad, account) = (try questions.pad(), try questions.account())
        switch try enrolment.standing(pad: pad, account: account) {
        case .leaving:
            throw AgentError.refused(
                reason: "leaving", text: "this host is being unregistered; run quartermaster-agent unregister to its end")
        case .waiting:
            // What an earlier command sent. Its refusal, or another level than the one told now, is no answer to this one.
            let outcome = try enrolment.wait(pad: pad, account: account, timeout: patience)
            if case .accepted = outcome, let customer = try enrolment.customer(pad: pad, account: account),
                questions.agree(with: customer)
            {
                return outcome
            }
        case .open, .accepted: break
        }
        try enrolment.waitForKey(pad: pad, account: account, timeout: patience)
        try questions.send(to: enrolment, pad: pad, account: account)
        return try enrolment.wait(pad: pad, account: account, timeout: patience)
    }

    private func print(_ outcome: Enrolment.Outcome) throws(AgentError) {
        switch (outcome, format) {
        case (.accepted(let membership), .json):
            try printDocument {
                $0.member("outcome", "accepted")
                $0.member("hostID", membership.hostID.text)
                $0.member("accountID", membership.accountID.text)
                $0.member("certificateExpires", membership.certificateExpires.description)
                if !membership.notes.isEmpty { $0.member("notes", strings: membership.notes) }
            }
        case (.accepted(let membership), .text):
            try printLine("accepted: this host is \(membership.hostID) of \(membership.accountID)")
            try printLine("certificate until \(membership.certificateExpires), renewed by a running agent")
            for note in membership.notes { try printLine(note.printable) }
        case (.refused(let obstacle), .json):
            try printDocument {
                $0.member("outcome", "refused")
                $0.member("reason", obstacle.reason)
                $0.member("text", obstacle.text)
            }
        case (.refused(let obstacle), .text):
            let error = AgentError.refused(reason: obstacle.reason, text: obstacle.text)
            Log.standardError(level: .error).error("quartermaster-agent: \(error)")
        }
    }
}
