import Identifiers

extension ControllerPad {
    /// Puts a file for a host, whole or not at all. It is a copy of what the database holds: not forced out by itself, and put again, under
    /// the same name, until it is acknowledged or expired.
    package mutating func deliver(_ sealed: [UInt8], as name: PadName, to key: Fingerprint) throws(PadError) {
        let folder = PadFolder.replies(key)
        let temporary = PadName(known: ".\(name).tmp")
        do throws(PadError) {
            try medium.write(sealed, as: temporary, in: folder, durably: false)
        } catch {
            // No folder yet, something else in its place, or a temporary file of a pass that was interrupted.
            try medium.make(folder)
            _ = try medium.remove(temporary, in: folder)
            try medium.write(sealed, as: temporary, in: folder, durably: false)
        }
        guard try medium.move(temporary, in: folder, to: name, in: folder) else { throw .gone(path: "\(folder.path)/\(name)") }
        needsFlush = true
    }

    /// The name of a reply or instruction: its message's ID.
    package static func replyName(_ messageID: MessageID) -> PadName {
        // IDs are printable and without slashes, so they are names; one that begins with a dot would be a temporary file's.
        PadName(known: "\(messageID.text.hasPrefix(".") ? "_" : "")\(messageID.text.prefix(200)).p7m")
    }

    /// Whether a delivered file is still there, whole: somebody else may have removed it, or a crash torn it.
    package func isDelivered(_ sealed: [UInt8], as name: PadName, to key: Fingerprint) throws(PadError) -> Bool {
        try medium.read(name, in: .replies(key), limit: limits.messageBytes) == .content(sealed)
    }

    /// Removes a file that was acknowledged or has expired.
    package mutating func withdraw(_ name: PadName, from key: Fingerprint) throws(PadError) {
        _ = try medium.remove(name, in: .replies(key))
    }

    /// Removes all that is there for a key, such as that of a host that was removed.
    package mutating func withdrawAll(from key: Fingerprint) throws(PadError) {
        _ = try medium.remove(PadName(known: key.hexadecimal), in: .outgoing)
    }

    /// The keys that `out` has a directory for.
    package func outgoingKeys() throws(PadError) -> [Fingerprint] {
        try medium.names(in: .outgoing, limit: Self.maximumNames).compactMap(Self.key)
    }

    /// Of a directory in `out`: nil for every other form of a fingerprint.
    static func key(_ name: PadName) -> Fingerprint? {
        guard let key = Fingerprint(name.description), name.description == key.hexadecimal else { return nil }
        return key
    }

    /// Forces out what was delivered since the last time: one `syncfs` at most, none where there was nothing.
    package mutating func flush() throws(PadError) {
        guard needsFlush else { return }
        try medium.synchronize(nil)
        needsFlush = false
    }

    /// What was delivered was forced out together with another pad of the same file system.
    package mutating func noteFlushed() { needsFlush = false }
}
