import AgentCore
import ArgumentParser
import Glibc
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi isns register`: iSNS servers know this host's initiator name.
struct RegisterAtServersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register", abstract: "Tells iSNS servers this host's initiator name.",
        discussion: """
            Some servers show targets only to initiators that they know, or have them put into a discovery domain by name. Without SERVER, the servers of \
            the list are told. The host's name is the entity that the initiator belongs to. Where a server keeps registrations for a time only, that \
            is said; the command registers anew each time that it is run. Nothing is changed on this host. Exit code 0 where all took it, else that of the \
            first that did not.

            EXAMPLES
              quartermaster-agent iscsi isns register --dry-run
              quartermaster-agent iscsi isns register 192.0.2.9 --alias "web server 1"
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var servers: ServersToTell

    @Option(
        help: ArgumentHelp("What people are to know this host by, such as its name; at most 255 bytes (default: none).", valueName: "text"))
    var alias: String?

    func validate() throws {
        guard let alias else { return }
        guard (1...255).contains(alias.utf8.count), alias.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw ValidationError("--alias is a text of 1 to 255 bytes without control characters.")
        }
    }

    func run() throws { try servers.tell(.register, alias: alias, common) }
}

/// `quartermaster-agent iscsi isns deregister`: what `register` told is taken back.
struct DeregisterAtServersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deregister", abstract: "Has iSNS servers forget this host's initiator name.",
        discussion: """
            Without SERVER, the servers of the list are told. One that does not know it is no error. What others have registered of this host stays.

            EXAMPLES
              quartermaster-agent iscsi isns deregister
              quartermaster-agent iscsi isns deregister 192.0.2.9 --format json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var servers: ServersToTell

    func run() throws { try servers.tell(.deregister, alias: nil, common) }
}

/// The servers that are told, and how what became of it is said.
struct ServersToTell: ParsableArguments {
    @Argument(help: ArgumentHelp("An iSNS server: a name, an IPv4 or [IPv6] address (default: those of the list).", valueName: "server"))
    var server: [String] = []

    @Flag(help: "Say what would be told to whom; ask nobody.")
    var dryRun = false

    @Option(help: "How to print what was done: text or json.")
    var format: OutputFormat = .text

    private struct Told {
        var server: PortalAddress
        var answer: Result<ISNSRegistration.Answer, PortalProbe.Failure>?
    }

    func tell(_ action: ISNSRegistration.Action, alias: String?, _ common: CommonOptions) throws {
        let log = Log.standardError(level: .notice)
        let given = try server.map { text throws(AgentError) in
            try PortalAddress(written: text, for: "server", defaultPort: ISCSIPort.isns)
        }
        let (initiator, told) = try endingAsDocumented(format, log) { () throws(SetupError) in
            let initiator = try identity(alias, common)
            let servers = try given.isEmpty ? AddressList(.servers, in: common.listDirectory).addresses() : given
            guard !servers.isEmpty else {
                throw .outcome(.invalidParameter, detail: "no iSNS server is named, and none is listed (iscsi isns add lists one)")
            }
            return (initiator, servers.map { Told(server: $0, answer: dryRun ? nil : ask($0, action, initiator)) })
        }
        let failures = told.compactMap { told in
            if case .failure(let failure)? = told.answer { failure } else { nil }
        }
        try printOutcome(format, told.flatMap { lines($0, action, initiator) }, outcome: failures.first?.outcome ?? .done) { writer in
            writer.member("initiatorName", initiator.spelling)
            writer.member("alias", initiator.alias)
            writer.member("entity", entity)
            writer.member("dryRun", dryRun)
            writer.key("servers")
            writer.array(told) { writer, told in writer.object { Self.write(told, to: &$0) } }
        }
        for failure in failures.dropFirst() { log.error("\(failure.outcome.rawValue): \(failure.detail.printable)") }
        if let first = failures.first { try SetupEnding(first.outcome, first.detail).throwing(log) }
    }

    /// What the host is called; its entity at the server.
    private var entity: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, 255) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func identity(_ alias: String?, _ common: CommonOptions) throws(SetupError) -> InitiatorIdentity {
        let tree = OpenISCSITree(root: common.sysroot ?? "")
        guard let found = try InitiatorNameRecord(tree).name() else {
            throw .outcome(
                .initiatorMisconfigured,
                detail: "this host has no initiator name (\(tree.initiatorName)); iscsi initiator set-name gives one")
        }
        return InitiatorIdentity(name: found.name, spelling: found.spelling, alias: alias)
    }

    private func ask(
        _ server: PortalAddress, _ action: ISNSRegistration.Action, _ initiator: InitiatorIdentity
    ) -> Result<ISNSRegistration.Answer, PortalProbe.Failure> {
        let entity = entity
        let conversation = SingleConversation { .registration(ISNSRegistration(action, initiator: initiator, entity: entity)) }
        do throws(PortalProbe.Failure) {
            guard case .registered(let answer) = try conversation.run(server) else { throw .otherAnswer(server) }
            return .success(answer)
        } catch {
            var failure = error
            if [.unreachable, .refused, .notAnISCSIPortal].contains(failure.outcome) { failure.outcome = .isnsServerNotFound }
            return .failure(failure)
        }
    }

    private func lines(_ told: Told, _ action: ISNSRegistration.Action, _ initiator: InitiatorIdentity) -> [String] {
        switch (told.answer, action) {
        case (nil, .register): ["would register \(initiator.spelling) of \(entity) at \(told.server)", unchanged]
        case (nil, .deregister): ["would take \(initiator.spelling) back at \(told.server)", unchanged]
        case (.success(let answer)?, .register):
            ["\(told.server): registered \(initiator.spelling) of \(answer.entity)"]
                + (answer.period.map { $0 > 0 ? ["it is forgotten after \($0) s, unless it is registered anew"] : [] } ?? [])
        case (.success(let answer)?, .deregister):
            ["\(told.server): \(answer.wasKnown ? "does not know \(initiator.spelling) any more" : "did not know \(initiator.spelling)")"]
        case (.failure?, _): []
        }
    }

    private static func write(_ told: Told, to writer: inout JSONWriter) {
        writer.member("address", told.server.host.description)
        writer.member("port", told.server.port)
        switch told.answer {
        case .success(let answer)?:
            writer.member("outcome", ISCSIOutcome.done.rawValue)
            writer.member("changed", answer.wasKnown)
            writer.member("entity", answer.entity)
            writer.member("period", answer.period.map(Int.init))
        case .failure(let failure)?:
            writer.member("outcome", failure.outcome.rawValue)
            writer.member("detail", failure.detail)
            writer.member("nextStep", failure.outcome.nextStep)
        case nil: break
        }
    }
}
