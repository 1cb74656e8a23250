import Identifiers

/// Which controller a database belongs to.
package struct ControllerRecord: Equatable, Sendable {
    package let id: ControllerID
    /// Grows with each restore; hosts that hear of a higher one number their messages anew and send everything.
    package let epoch: Int64
    package let createdAt: Timestamp
}

extension ReadTransaction {
    package func controller() throws -> ControllerRecord {
        guard let row = try row("SELECT id, epoch, created_at FROM controller") else {
            throw StoreError.column(name: "controller.id", expected: "the controller's own row", found: "none")
        }
        return ControllerRecord(
            id: try row.identifier("id"), epoch: try row.integer("epoch"), createdAt: try row.timestamp("created_at"))
    }
}

extension WriteTransaction {
    func createController(id: ControllerID) throws {
        try execute("INSERT INTO controller (singleton, id, epoch, created_at) VALUES (1, ?, 1, ?)", id, now)
    }

    /// The controller's numbers on messages are above this one after a start, whatever its clock says.
    package func messageNumber() throws -> Int64 {
        try row("SELECT message_number FROM controller")?.integer("message_number") ?? 0
    }

    package func setMessageNumber(_ number: Int64) throws {
        try execute("UPDATE controller SET message_number = max(message_number, ?)", number)
    }

    /// After a restore: an epoch larger than any before, also than those of restores from the same backup (by the seconds of the clock).
    func raiseEpoch() throws {
        try execute("UPDATE controller SET epoch = max(epoch + 1, ?)", now.microseconds / 1_000_000)
    }
}
