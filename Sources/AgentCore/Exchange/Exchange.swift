import Files
import Identifiers
import ScratchPad
import Sealing

/// One registration at work: its state under a lock, its key, and its pad. Made for a few steps and let go of, so that other processes of the
/// agent can take their turn, and an idle daemon holds nothing.
///
/// The order of every step is: what will be visible on the pad is durable here first; what a reply changes is durable here before it is
/// acknowledged. `AgentContext.reached` is told of each.
package struct Exchange: ~Copyable {
    package let directory: RegistrationDirectory
    package internal(set) var state: RegistrationState
    let context: AgentContext
    var key: PrivateKey
    /// With the header that was believed; nil before `connect`.
    private var connected: HostPad?
    private let lock: FileLock

    /// Takes the lock and reads the state. Nil where the directory has no state, or lost it meanwhile.
    package init?(_ directory: RegistrationDirectory, context: AgentContext) throws(AgentError) {
        let lock = try directory.lock()
        guard let state = try directory.load() else { return nil }
        let pem = try directory.readKey(state.key.file)
        let key: PrivateKey
        do throws(SealingError) {
            key = try PrivateKey(pem: pem)
        } catch {
            throw .stateDamaged(path: "\(directory.path)/\(state.key.file)", reason: "\(error)")
        }
        guard key.fingerprint == state.key.fingerprint else {
            throw .stateDamaged(path: "\(directory.path)/\(state.key.file)", reason: "it is another key than the state names")
        }
        try directory.sweep(keeping: state)
        self.key = key
        self.lock = lock
        self.directory = directory
        self.state = state
        self.context = context
    }

    /// The pad's interval: how often the controller looks.
    package var poll: Duration { .milliseconds(state.pad.pollMilliseconds) }

    /// Reads and verifies the pad's header. A pad that cannot be used is noted in the state, once, and thrown.
    package mutating func connect() throws(AgentError) {
        let now = context.clock.now()
        let found: HostPad
        do throws(PadError) {
            found = try HostPad.open(
                context.pad(state.pad.directory), trust: .pinned(state.pad.controllerKey), known: state.pad.known, now: now)
        } catch {
            let fault = AgentError(error, directory: state.pad.directory)
            try note(fault)
            throw fault
        }
        connected = found
        var pad = state.pad
        pad.generation = found.header.generation
        pad.pollMilliseconds = max(1, found.header.interval.wholeMilliseconds)
        guard pad != state.pad || found.header.epoch != state.pad.epoch || state.padTrouble?.isOfWriting == false else { return }
        if found.header.epoch > state.pad.epoch { state.enter(epoch: found.header.epoch, next: nil) }
        pad.epoch = state.pad.epoch
        state.pad = pad
        if state.padTrouble?.isOfWriting == false { state.padTrouble = nil }
        try save()
    }

    /// Keeps what is wrong with the pad for `status`; the same words are not written again.
    mutating func note(_ fault: AgentError, isOfWriting: Bool = false) throws(AgentError) {
        guard state.padTrouble?.text != fault.description else { return }
        state.padTrouble = PadTrouble(text: fault.description, since: context.clock.now(), isOfWriting: isOfWriting)
        try save()
    }

    /// A call on the pad, after `connect`. That the pad does not answer is noted for `status`.
    mutating func onPad<Value>(_ body: (HostPad) throws(PadError) -> Value) throws(AgentError) -> Value {
        do throws(PadError) {
            return try body(pad)
        } catch {
            let fault = AgentError(error, directory: state.pad.directory)
            if case .silent = error { try note(fault) }
            throw fault
        }
    }

    /// The pad, after `connect`.
    var pad: HostPad {
        guard let connected else { preconditionFailure("a pad is used after connect()") }
        return connected
    }

    func save() throws(AgentError) {
        try directory.save(state)
        try context.reached(.stateSaved)
    }
}

extension PadBinding {
    var known: KnownPad { KnownPad(padID: padID, controller: controllerKey, generation: generation, epoch: epoch) }
}

extension AgentError {
    /// What a fault of the pad is to the administrator.
    init(_ error: PadError, directory: String) {
        switch error {
        case .header(.missing): self = .padUnavailable(directory: directory, reason: "\(PadHeaderFault.missing)")
        case .header(let fault): self = .padNotBelieved(directory: directory, reason: "\(fault)")
        case .notPublished(let fault):
            // Without the file's name, which is another one each time: one condition, one message.
            self = .cannotPublish(directory: directory, reason: fault.errno.map(FileError.text(of:)) ?? "\(fault)", errno: fault.errno)
        case .silent: self = .padSilent(directory: directory)
        case .gone, .exists, .taken, .notMade, .noTrace, .file: self = .padUnavailable(directory: directory, reason: "\(error)")
        }
    }
}
