import Files
import Identifiers
import Provider

extension Store {
    /// Walks the whole audit log, archives first, and names the first broken link. Reads go on beside it, and writes too.
    package func verifyAudit() async throws -> AuditVerification {
        let directory = directory.auditPath
        return try await read { transaction in
            let controller = try transaction.controller()
            let archives = try transaction.auditArchives()
            var chain = AuditChain()
            do {
                for archive in archives {
                    guard archive.first == chain.sequence + 1 else {
                        throw AuditFault.gap(expected: chain.sequence + 1, found: archive.first, place: archive.file)
                    }
                    try archive.verify(in: directory, controllerID: controller.id, chain: &chain)
                }
                try transaction.forEachAuditEvent(after: chain.sequence) { event, hash in
                    try chain.follow(event, hash: hash, place: "the database")
                    return true
                }
                let head = try transaction.storedAuditHead()
                guard head.sequence == chain.sequence else { throw AuditFault.cutOff(last: chain.sequence, expected: head.sequence) }
                guard head.hash == chain.hash else { throw AuditFault.broken(sequence: chain.sequence, place: "the database") }
            } catch let fault as AuditFault {
                return AuditVerification(events: chain.sequence, archives: archives.count, fault: fault)
            }
            return AuditVerification(events: chain.sequence, archives: archives.count, fault: nil)
        }
    }

    /// Moves the oldest events, up to and with `last`, to a file in the data directory's `audit/` that still verifies; at most 100,000 for each
    /// call. Returns the file's name; nil where there was nothing to move. Throws `AuditFault` where the stretch does not verify: then
    /// nothing is moved.
    package func archiveAudit(through last: Int64, by actor: Actor) async throws -> String? {
        let stretch = try await read { transaction in
            let before = try transaction.auditArchives().last
            let begin = AuditChain(sequence: before?.last ?? 0, hash: before?.lastHash ?? AuditEvent.noPrevious)
            var chain = begin
            var events: [(event: AuditEvent, hash: [UInt8])] = []
            try transaction.forEachAuditEvent(after: chain.sequence) { event, hash in
                guard event.sequence <= last, Int64(events.count) < AuditArchive.maximumEvents else { return false }
                try chain.follow(event, hash: hash, place: "the database")
                events.append((event, hash))
                return true
            }
            return (id: try transaction.controller().id, chain: begin, events: events)
        }
        guard let first = stretch.events.first?.event.sequence, let end = stretch.events.last else { return nil }
        let name = AuditArchive.fileName(first: first, last: end.event.sequence)
        let archive = AuditArchive(first: first, last: end.event.sequence, file: name, lastHash: end.hash)
        try makeDirectories(directory.auditPath)
        let folder = try FileDescriptor(directory: directory.auditPath)
        // What an archiving that was killed left; there is one controller on a data directory, and one archiving in it.
        for name in try folder.names() where name.hasPrefix(".audit-") && name.hasSuffix(".tmp") { try folder.remove(name) }
        try replaceFile("\(directory.auditPath)/\(name)", with: AuditArchive.lines(controllerID: stretch.id, events: stretch.events))
        // What was written is read back before the rows go.
        var chain = stretch.chain
        try archive.verify(in: directory.auditPath, controllerID: stretch.id, chain: &chain)
        try await write { transaction in
            try transaction.moveAuditEvents(to: archive)
            try transaction.audit(
                actor: actor, action: "audit.archive", subject: name, detail: "first=\(archive.first) last=\(archive.last)")
        }
        return name
    }
}

extension ReadTransaction {
    func auditArchives() throws -> [AuditArchive] {
        try rows("SELECT * FROM audit_archives ORDER BY first_sequence", values: []) { row in
            AuditArchive(
                first: try row.integer("first_sequence"), last: try row.integer("last_sequence"), file: try row.text("file"),
                lastHash: try row.blob("last_hash"))
        }
    }

    /// Each event in turn, with the hash beside it; throws `AuditFault.unreadable` for one that is no event.
    func forEachAuditEvent(after sequence: Int64, _ body: (AuditEvent, [UInt8]) throws -> Bool) throws {
        var expected = sequence + 1
        try forEachRow("SELECT * FROM audit_events WHERE sequence > ? ORDER BY sequence", sequence) { row in
            let event: AuditEvent
            let hash: [UInt8]
            do {
                event = try AuditEvent(row: row)
                hash = try row.blob("hash")
            } catch let error as StoreError {
                throw AuditFault.unreadable(place: "the database", number: expected, reason: error.description)
            }
            expected += 1
            return try body(event, hash)
        }
    }
}

extension WriteTransaction {
    /// Removes the events that an archive holds now. Throws where somebody else archived them meanwhile.
    fileprivate func moveAuditEvents(to archive: AuditArchive) throws {
        try execute(
            "INSERT INTO audit_archives (first_sequence, last_sequence, file, last_hash, archived_at) VALUES (?, ?, ?, ?, ?)",
            archive.first, archive.last, archive.file, archive.lastHash, now)
        try execute("DELETE FROM audit_events WHERE sequence BETWEEN ? AND ?", archive.first, archive.last)
    }
}
