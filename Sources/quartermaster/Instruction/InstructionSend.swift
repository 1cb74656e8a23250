import ArgumentParser
import ControllerAPI
import Identifiers
import Provider

extension InstructionAction: ExpressibleByArgument {}

struct InstructionSend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Asks a registered host to do something.",
        discussion: """
            set-interval: to report every so often. rescan: to look for new devices, and to report everything anew. rotate-keys: to make a \
            new key, and have it certified.

            The instruction lies on the host's pad until the host says what became of it. Without --wait the command ends when it is kept. \
            With --wait it ends with the outcome: 0 done, 1 failed or unsupported, 77 refused by the host, 75 none in time.

            An instruction is not taken back: it ends with the host's word, when its time is over (--expires-in), or when no key of the host \
            can read it any more, as after host remove (withdrawn). While rotate-keys is open the host is asked nothing else: \
            give it a short time where the host may be away.

            EXAMPLES
              quartermaster instruction send host-… set-interval --interval 30s
              quartermaster instruction send host-… rescan --wait
              quartermaster instruction send host-… rotate-keys --expires-in 7d
            """)

    @Argument(help: "The host's ID.")
    var hostID: HostID

    @Argument(help: "What it is to do.")
    var action: InstructionAction

    @Option(help: ArgumentHelp("With set-interval: the time between two reports, whole seconds.", valueName: "time"))
    var interval: TimeSpan?

    @Option(help: ArgumentHelp("No host carries it out later than that (1m to 30d).", valueName: "time"))
    var expiresIn = TimeSpan(milliseconds: 86_400_000)

    @Flag(help: "Waits for the host's word.")
    var wait = false

    @Option(help: ArgumentHelp("With --wait: how long. A host looks at its pad at its reporting interval.", valueName: "time"))
    var timeout = TimeSpan(milliseconds: 120_000)

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard (action == .setInterval) == (interval != nil) else {
            throw ValidationError("--interval goes with set-interval, and set-interval needs it")
        }
        guard (interval?.milliseconds ?? 0) % 1_000 == 0 else { throw ValidationError("--interval is in whole seconds") }
        try interval?.require(.seconds(1)...Duration.seconds(86_400), of: "--interval")
        try expiresIn.require(InstructionRecord.lifetimes, of: "--expires-in")
    }

    func run() async throws {
        let new = NewInstruction(
            action: action, intervalSeconds: interval.map { $0.milliseconds / 1_000 }, lifetimeSeconds: expiresIn.milliseconds / 1_000)
        let connection = ControllerConnection(socket: client.socketPath)
        let sent = try ControllerConnection.read(
            InstructionDocument.self,
            from: try await connection.send(ControllerRequest(.sendInstruction, ["hostID": hostID.text], body: new)))
        let latest = wait ? try await outcome(of: sent, connection) : sent
        try client.output.show(latest) { latest.card }
        guard wait else { return }
        if !latest.state.isFinal {
            throw CommandFailure(
                .temporary,
                "\(latest.instructionID) is \(latest.state.rawValue) after \(DurationText.text(milliseconds: timeout.milliseconds)); "
                    + "see what becomes of it with `quartermaster instruction show \(latest.instructionID)`")
        }
        switch latest.state {
        case .done, .waiting, .delivered: return
        case .refused: throw CommandFailure(.refused, ending(latest))
        case .failed, .unsupported, .expired, .withdrawn: throw CommandFailure(.failed, ending(latest))
        }
    }

    private func ending(_ document: InstructionDocument) -> String {
        "\(document.instructionID) ended \(document.state.rawValue)" + (document.detail.map { ": \($0)" } ?? "")
    }

    /// Asks now and then, ever less often, until it is final or the time is over.
    private func outcome(of sent: InstructionDocument, _ connection: ControllerConnection) async throws -> InstructionDocument {
        let deadline = ContinuousClock.now + .milliseconds(timeout.milliseconds)
        var latest = sent
        var pause = Duration.milliseconds(100)
        while !latest.state.isFinal, ContinuousClock.now < deadline {
            try await Task.sleep(for: min(pause, deadline - ContinuousClock.now))
            pause = min(pause * 2, .seconds(2))
            latest = try ControllerConnection.read(
                InstructionDocument.self,
                from: try await connection.send(ControllerRequest(.showInstruction, ["instructionID": sent.instructionID])))
        }
        return latest
    }
}
