import Identifiers
import Provider

extension ReadTransaction {
    package func pad(_ id: PadID) throws -> PadRecord? {
        try row("SELECT * FROM pads WHERE id = ?", id).map(PadRecord.init(row:))
    }

    /// The active pad in a directory.
    package func pad(directory: String) throws -> PadRecord? {
        try row("SELECT * FROM pads WHERE directory = ? AND state = 'active'", directory).map(PadRecord.init(row:))
    }

    /// An active pad in a directory that `path` lies in.
    package func padAbove(_ path: String) throws -> PadRecord? {
        var parent = path[...]
        while let slash = parent.lastIndex(of: "/"), parent != "/" {
            parent = slash == parent.startIndex ? "/" : parent[..<slash]
            if let found = try pad(directory: String(parent)) { return found }
        }
        return nil
    }

    /// An active pad in a directory that lies in `path`.
    package func padBelow(_ path: String) throws -> PadRecord? {
        let prefix = path == "/" ? path : path + "/"
        // "0" follows "/": what begins with the prefix is between the two.
        let end = prefix.dropLast() + "0"
        return try row(
            "SELECT * FROM pads WHERE state = 'active' AND directory > ? AND directory < ? ORDER BY directory LIMIT 1", prefix, String(end)
        ).map(PadRecord.init(row:))
    }

    /// By ID, of one account or of all.
    package func pads(account: AccountID? = nil, _ request: PageRequest = PageRequest()) throws -> Page<PadRecord> {
        guard let account else {
            return try page(
                "SELECT * FROM pads WHERE id > ? ORDER BY id LIMIT ?", request: request, key: \.id, as: PadRecord.init(row:))
        }
        return try page(
            "SELECT * FROM pads WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?", account, request: request, key: \.id,
            as: PadRecord.init(row:))
    }

    /// All pads that are looked at.
    package func activePads() throws -> [PadRecord] {
        try rows("SELECT * FROM pads WHERE state = 'active' ORDER BY id", values: [], as: PadRecord.init(row:))
    }
}

extension WriteTransaction {
    /// Enters a pad; `account` nil: shared. The header is written by the caller, before or after: the pad's row tells what it must say.
    package func createPad(
        id: PadID = .random(), directory: String, account: AccountID?, system: SystemID? = nil, interval: Duration, by actor: Actor
    ) throws -> PadRecord {
        if let account { _ = try openAccount(account) }
        let directory = try PadRecord.checkedDirectory(directory)
        guard PadRecord.intervals.contains(interval) else { throw AccountError.padInterval(interval) }
        guard try pad(directory: directory) == nil else { throw AccountError.exists(what: "pad", name: directory) }
        try execute(
            """
            INSERT INTO pads (id, directory, account_id, system_id, interval, generation, state, created_at)
            VALUES (?, ?, ?, ?, ?, 1, 'active', ?)
            """,
            id, directory, account, system, interval, now)
        try audit(
            actor: actor, action: "pad.create", subject: id.text, detail: "directory=\(directory) account=\(account?.text ?? "shared")",
            account: account)
        return try existingPad(id)
    }

    /// A generation more: the header is written anew in a way that agents must not go behind.
    package func raisePadGeneration(_ id: PadID, by actor: Actor) throws -> PadRecord {
        try execute("UPDATE pads SET generation = generation + 1 WHERE id = ?", id)
        let pad = try existingPad(id)
        try audit(actor: actor, action: "pad.renew", subject: id.text, detail: "generation=\(pad.generation)", account: pad.accountID)
        return pad
    }

    package func setPadInterval(_ id: PadID, _ interval: Duration, by actor: Actor) throws -> PadRecord {
        guard PadRecord.intervals.contains(interval) else { throw AccountError.padInterval(interval) }
        try execute("UPDATE pads SET interval = ? WHERE id = ?", interval, id)
        let pad = try existingPad(id)
        try audit(actor: actor, action: "pad.set-interval", subject: id.text, detail: "interval=\(interval)", account: pad.accountID)
        return pad
    }

    /// A retired pad is looked at no more; its record stays. Retiring it again changes nothing.
    package func retirePad(_ id: PadID, by actor: Actor) throws -> PadRecord {
        let pad = try existingPad(id)
        guard pad.state == .active else { return pad }
        try execute("UPDATE pads SET state = 'retired', retired_at = ? WHERE id = ?", now, id)
        try audit(actor: actor, action: "pad.remove", subject: id.text, account: pad.accountID)
        try endKeys(on: id, by: actor)
        return try existingPad(id)
    }

    /// Nothing can be said there any more: the pad's keys end, and hosts that speak nowhere else are unregistered.
    private func endKeys(on pad: PadID, by actor: Actor) throws {
        let hosts: [(HostID, AccountID)] = try rows(
            """
            SELECT DISTINCT h.id, h.account_id FROM host_keys k JOIN hosts h ON h.id = k.host_id
            WHERE k.pad_id = ? AND k.state IN ('active', 'superseded') AND h.state = 'registered' ORDER BY h.id
            """, values: [.text(pad.text)]
        ) { (try $0.identifier("id"), try $0.identifier("account_id")) }
        for (host, account) in hosts {
            try unregisterHost(host, on: pad, because: "the pad \(pad) was removed", by: actor)
            guard try self.host(host)?.state == .unregistered else { continue }
            try audit(
                actor: actor, action: "host.unregister", subject: host.text, detail: "pad \(pad), its last one, was removed",
                account: account)
        }
        // Those of suspended hosts too, which stay suspended.
        let others: [HostID] = try rows(
            "UPDATE host_keys SET state = 'ended' WHERE pad_id = ? AND state IN ('active', 'superseded') RETURNING host_id",
            values: [.text(pad.text)]
        ) { try $0.identifier("host_id") }
        for host in Set(others).sorted() { try withdrawInstructions(of: host, because: "the pad \(pad) was removed", by: actor) }
    }

    private func existingPad(_ id: PadID) throws -> PadRecord {
        guard let pad = try pad(id) else { throw AccountError.unknown(what: "pad", name: id.text) }
        return pad
    }
}

extension PadRecord {
    fileprivate init(row: Row) throws {
        try self.init(
            id: row.identifier("id"), directory: row.text("directory"), accountID: row.optionalIdentifier("account_id"),
            systemID: row.optionalIdentifier("system_id"), interval: row.duration("interval"), generation: row.integer("generation"),
            state: row.raw("state"), createdAt: row.timestamp("created_at"), retiredAt: row.optionalTimestamp("retired_at"))
    }
}
