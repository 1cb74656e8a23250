import ControllerAPI
import Identifiers
import Provider
import ScratchPad
import Sealing
import Store

extension Handlers {
    /// Files first, then the row: a row without files would be polled in vain. Files without a row, which a crash in between leaves, are
    /// recognised by their header and taken over, with the ID that they have.
    func createPad(_ call: Call) async throws -> Answer {
        let document = try call.document(NewPad.self)
        let shared = document.shared ?? false
        guard shared != (document.accountID != nil) else {
            throw RequestError.invalid(field: "accountID", reason: "and shared: give exactly one of the two")
        }
        let directory = try PadRecord.checkedDirectory(document.directory)
        let interval = Duration.milliseconds(document.intervalMilliseconds ?? parts.configuration.padIntervalMilliseconds)
        guard PadRecord.intervals.contains(interval) else { throw AccountError.padInterval(interval) }
        let dataDirectory = store.directory.path
        let places = try await parts.blocking.run(directory) { try PadPlace.places(of: directory, dataDirectory: dataDirectory) }
        let controller = try await store.read { transaction in
            if let account = document.accountID, try transaction.existingAccount(account).state == .closed {
                throw AccountError.closed(account)
            }
            if let system = document.systemID { _ = try transaction.existingSystem(system) }
            if try transaction.pad(directory: directory) != nil { throw AccountError.exists(what: "pad", name: directory) }
            try PadPlace.check(directory, places, in: transaction)
            return try transaction.controller()
        }
        let keys = parts.keys.current
        let header = PadHeader(
            padID: .random(), controllerID: controller.id, generation: 1, epoch: controller.epoch, issuedAt: Store.systemClock(),
            lifetime: PadHeader.lifetime, interval: interval, keys: keys)
        let medium = DirectoryMedium(path: directory)
        let made = try await parts.blocking.run(directory) { try Self.makeFiles(header, on: medium, keys: keys) }
        if made != header.padID, try await store.read({ try $0.pad(made) }) != nil {
            throw PadError.exists(path: directory)
        }
        let record: PadRecord
        do {
            record = try await store.write {
                try $0.createPad(
                    id: made, directory: directory, account: document.accountID, system: document.systemID, interval: interval,
                    by: call.actor)
            }
        } catch {
            if made == header.padID {
                // The row's error is the one that tells; a header that stays behind is taken over by the next attempt.
                _ = try? await parts.blocking.run(directory) {
                    var pad = ControllerPad(medium: medium)
                    _ = try pad.remove()
                }
            }
            throw error
        }
        try await parts.intake.addPad(record)
        return .document(padDocument(record))
    }

    /// The ID of the pad that is there now: a new one, or ours that no row knows.
    private static func makeFiles(_ header: PadHeader, on medium: DirectoryMedium, keys: ControllerKeys) throws -> PadID {
        do throws(PadError) {
            _ = try ControllerPad.create(on: medium, header: header, keys: keys)
            return header.padID
        } catch {
            if case .taken(let path) = error { throw PadError.taken(path: "\(medium.path)/\(path)") }
            guard case .exists = error else { throw error }
            guard case .content(let bytes)? = try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) else {
                throw error
            }
            do throws(PadHeaderFault) {
                return try VerifiedHeader(bytes, trust: .pinned(keys.fingerprint), known: nil, now: header.issuedAt).header.padID
            } catch {
                throw PadError.exists(path: medium.path)
            }
        }
    }

    func listPads(_ call: Call) async throws -> Answer {
        let (request, account) = (try call.page(), try call.account())
        let (page, waits) = try await store.read { transaction in
            let page = try transaction.pads(account: account, request)
            return (page, try page.elements.map { try transaction.guessesWaitUntil([.pad($0.id)]) })
        }
        return .document(PadList(pads: zip(page.elements, waits).map { padDocument($0, guessesWaitUntil: $1) }, next: page.next))
    }

    func showPad(_ call: Call) async throws -> Answer {
        let record = try await pad(call)
        let until = try await store.read { try $0.guessesWaitUntil([.pad(record.id)]) }
        return .document(padDocument(record, guessesWaitUntil: until))
    }

    func checkPad(_ call: Call) async throws -> Answer {
        let record = try await pad(call)
        let controller = try await store.read { try $0.controller() }
        let keys = parts.keys.current
        let known = KnownPad(padID: record.id, controller: keys.fingerprint, generation: record.generation, epoch: controller.epoch)
        let problems = try await parts.blocking.run(record.directory) {
            ControllerPad(medium: DirectoryMedium(path: record.directory)).check(keys: keys, expected: known, now: Store.systemClock())
        }
        var findings = ["directory", "header", "in", "out", "bad"].filter { part in !problems.contains { $0.part == part } }
            .map {
                PadFinding(
                    subject: $0, outcome: .ok,
                    detail: $0 == "header"
                        ? "believed as a host would" : $0 == "directory" ? "open to hosts" : "written, renamed, read and removed")
            }
        findings += problems.map { PadFinding(subject: $0.part, outcome: .fault, detail: "\($0.reason); \($0.remedy)") }
        if let problem = parts.intake.problem(of: record.id) {
            findings.append(PadFinding(subject: "polling", outcome: .fault, detail: problem))
        }
        if let crowding = parts.intake.crowding(of: record.id) {
            findings.append(PadFinding(subject: "in", outcome: .warning, detail: crowding))
        }
        return .document(
            PadReport(padID: record.id, findings: findings, sound: findings.allSatisfy { $0.outcome == .ok }, dryRun: false))
    }

    func repairPad(_ call: Call) async throws -> Answer {
        let record = try await pad(call)
        let controller = try await store.read { try $0.controller() }
        let keys = parts.keys.current
        let medium = DirectoryMedium(path: record.directory)
        if try call.dryRun() {
            let known = KnownPad(padID: record.id, controller: keys.fingerprint, generation: record.generation, epoch: controller.epoch)
            let problems = try await parts.blocking.run(record.directory) {
                ControllerPad(medium: medium).check(keys: keys, expected: known, now: Store.systemClock())
            }
            return .document(
                PadReport(
                    padID: record.id, findings: problems.map { PadFinding(subject: $0.part, outcome: .fault, detail: $0.reason) },
                    sound: problems.isEmpty, dryRun: true))
        }
        let recreates = try call.flag("recreate")
        // First, so that what must not be written over keeps its generation.
        let hasTrace = try await parts.blocking.run(record.directory) {
            try ControllerPad(medium: medium).hasTrace(of: record.id, keys: keys, now: Store.systemClock())
        }
        guard hasTrace || recreates else { throw PadError.noTrace(path: record.directory) }
        let raised = try await store.write { try $0.raisePadGeneration(record.id, by: call.actor) }
        let header = PadHeader(
            padID: record.id, controllerID: controller.id, generation: raised.generation, epoch: controller.epoch,
            issuedAt: Store.systemClock(), lifetime: PadHeader.lifetime, interval: record.interval, keys: keys)
        let done = try await apart(from: raised) {
            var pad = ControllerPad(medium: medium)
            return try pad.repair(header, keys: keys)
        }
        return .document(
            PadReport(
                padID: record.id, findings: done.map { PadFinding(subject: record.directory, outcome: .repaired, detail: $0) }, sound: true,
                dryRun: false))
    }

    func purgePad(_ call: Call) async throws -> Answer {
        let record = try await pad(call)
        let medium = DirectoryMedium(path: record.directory)
        let dryRun = try call.dryRun()
        let (quarantined, keys) = try await parts.blocking.run(record.directory) {
            let pad = ControllerPad(medium: medium)
            return (try pad.quarantined(), try pad.outgoingKeys())
        }
        let unread = try await store.read { transaction in try Set(keys.filter { try !transaction.hasReader($0, on: record.id) }) }
        let purging: @Sendable () throws -> ControllerPad.Purge = {
            var pad = ControllerPad(medium: medium)
            return try pad.purge(dryRun: dryRun) { !unread.contains($0) }
        }
        let purge = try await dryRun ? parts.blocking.run(record.directory, purging) : apart(from: record, purging)
        let why = Dictionary(
            quarantined.map { ("bad/\($0.name)", "quarantined, \($0.bytes) bytes") }
                + unread.map { ("out/\($0.hexadecimal)", "of a key that nobody reads for") }, uniquingKeysWith: { first, _ in first })
        var findings = purge.paths.map {
            PadFinding(subject: $0, outcome: dryRun ? .warning : .removed, detail: why[$0] ?? "left over, or not Quartermaster's")
        }
        findings += purge.left.map { PadFinding(subject: $0.path, outcome: .fault, detail: "stays: \($0.reason)") }
        findings += purge.foreign.map { PadFinding(subject: "\($0)", outcome: .warning, detail: "stays: it is not Quartermaster's") }
        findings.append(
            PadFinding(
                subject: record.directory, outcome: dryRun ? .ok : .removed,
                detail: "\(purge.removed) files and directories in all\(dryRun ? " would go" : "")"))
        guard !dryRun else { return .document(PadReport(padID: record.id, findings: findings, sound: true, dryRun: true)) }
        try await store.write { transaction in
            try transaction.audit(
                actor: call.actor, action: "pad.purge", subject: record.id.text, outcome: purge.left.isEmpty ? .done : .failed,
                detail: "files=\(purge.removed) left=\(purge.left.count)", account: record.accountID)
        }
        return .document(PadReport(padID: record.id, findings: findings, sound: purge.left.isEmpty, dryRun: false))
    }

    /// The row first: a pad that cannot be reached can be retired too, and then keeps its files. Asked again when it can be reached, or after a
    /// crash in between, the files go.
    func removePad(_ call: Call) async throws -> Answer {
        let record = try await padOrItsRemains(call)
        if try call.dryRun() {
            let finding = PadFinding(
                subject: record.directory, outcome: .warning, detail: "would be polled no more, and its header, in, out and bad removed")
            return .document(PadReport(padID: record.id, findings: [finding], sound: true, dryRun: true))
        }
        if record.state == .active { _ = try await store.write { try $0.retirePad(record.id, by: call.actor) } }
        await parts.intake.removePad(record.id)
        var findings = [PadFinding(subject: record.id.text, outcome: .removed, detail: "is polled no more")]
        do {
            let medium = DirectoryMedium(path: record.directory)
            let left = try await parts.blocking.run(record.directory) {
                var pad = ControllerPad(medium: medium)
                return try pad.remove()
            }
            findings.append(PadFinding(subject: record.directory, outcome: .removed, detail: "header, in, out and bad"))
            findings += left.map { PadFinding(subject: "\($0)", outcome: .warning, detail: "is not Quartermaster's, and stays") }
        } catch {
            findings.append(PadFinding(subject: record.directory, outcome: .fault, detail: "its files stay: \(error)"))
        }
        return .document(
            PadReport(padID: record.id, findings: findings, sound: findings.allSatisfy { $0.outcome != .fault }, dryRun: false))
    }

    // MARK: Parts

    private func pad(_ call: Call) async throws -> PadRecord {
        let id = try call.parameter("padID", as: PadID.self)
        let record = try await store.read { try $0.pad(id) }
        guard let record else { throw AccountError.unknown(what: "pad", name: id.text) }
        guard record.state == .active || call.operation == .showPad else { throw PadStateError.retired(id) }
        return record
    }

    /// A pad that is polled, or a retired one whose files are still there: its header, or folders without one where no other pad is.
    private func padOrItsRemains(_ call: Call) async throws -> PadRecord {
        let id = try call.parameter("padID", as: PadID.self)
        let record = try await store.read { try $0.pad(id) }
        guard let record else { throw AccountError.unknown(what: "pad", name: id.text) }
        if record.state == .active { return record }
        let keys = parts.keys.current
        guard try await store.read({ try $0.pad(directory: record.directory) }) == nil,
            try await parts.blocking.run(record.directory, { try Self.hasRemains(of: id, in: record.directory, keys: keys) })
        else { throw PadStateError.retired(id) }
        return record
    }

    private static func hasRemains(of id: PadID, in directory: String, keys: ControllerKeys) throws -> Bool {
        let medium = DirectoryMedium(path: directory)
        guard try medium.stamp(.root) != nil else { return false }
        switch try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) {
        case nil: return try [PadFolder.incoming, .outgoing, .quarantine].contains { try medium.stamp($0) != nil }
        case .fault: return false
        case .content(let bytes):
            do throws(PadHeaderFault) {
                return try VerifiedHeader(bytes, trust: .pinned(keys.fingerprint), known: nil, now: Store.systemClock()).header.padID == id
            } catch {
                // Another controller's, or nobody's.
                return false
            }
        }
    }

    /// Touches a pad's files while intake does not, and hands it back.
    private func apart<Value: Sendable>(from record: PadRecord, _ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        await parts.intake.removePad(record.id)
        let result: Result<Value, any Error>
        do { result = .success(try await parts.blocking.run(record.directory, body)) } catch { result = .failure(error) }
        try await parts.intake.addPad(record)
        return try result.get()
    }

    private func padDocument(_ record: PadRecord, guessesWaitUntil: Timestamp? = nil) -> PadDocument {
        let locked = guessesWaitUntil.map {
            "too many wrong passwords came from here: until \($0) passwords are not looked at, but for users that `quartermaster user unlock` names"
        }
        return PadDocument(
            padID: record.id, directory: record.directory, fingerprint: parts.keys.current.fingerprint, accountID: record.accountID,
            shared: record.accountID == nil, intervalMilliseconds: Int64((record.interval / .milliseconds(1)).rounded()),
            systemID: record.systemID,
            generation: record.generation, state: record.state == .active ? .active : .retired, createdAt: record.createdAt,
            retiredAt: record.retiredAt, problem: parts.intake.problem(of: record.id) ?? parts.intake.crowding(of: record.id) ?? locked)
    }
}

/// What a retired pad cannot be asked any more.
enum PadStateError: Error, Equatable, Sendable, CustomStringConvertible {
    case retired(PadID)

    var description: String {
        switch self {
        case .retired(let id): "the pad \(id) is retired; make a new one with `quartermaster pad create`"
        }
    }
}
