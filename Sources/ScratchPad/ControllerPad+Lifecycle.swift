import Identifiers
import Sealing

extension ControllerPad {
    /// Makes a pad. Throws `.exists` where there is one already, whoever made it.
    package static func create(
        on medium: any PadMedium, header: PadHeader, keys: ControllerKeys
    ) throws(PadError) -> ControllerPad {
        try medium.make(.root)
        let present = try medium.names(in: .root, limit: 64)
        guard !present.contains(PadHeader.fileName) else { throw .exists(path: "pad.p7s") }
        var pad = ControllerPad(medium: medium, limits: header.limits)
        try pad.makeFolders()
        try pad.write(header, keys: keys)
        return pad
    }

    /// Makes whatever folder is missing, and moves aside what is none.
    func makeFolders() throws(PadError) {
        for folder in [PadFolder.incoming, .outgoing, .quarantine] { try medium.make(folder) }
    }

    /// Replaces the header: with a higher generation for new leaf keys, another interval or end, with a higher epoch after a restore.
    package mutating func write(_ header: PadHeader, keys: ControllerKeys) throws(PadError) {
        let signed: [UInt8]
        do throws(SealingError) { signed = try header.signed(by: keys) } catch { throw .header(.sealing(error)) }
        try HeaderWatch.put(signed, on: medium)
        watch = HeaderWatch(header: signed)
    }

    /// Mends: folders, header, temporary files that an interrupted pass left, permissions. Nothing that waits is lost. Says what was done.
    package mutating func repair(_ header: PadHeader, keys: ControllerKeys) throws(PadError) -> [String] {
        var done: [String] = []
        for folder in [PadFolder.incoming, .outgoing, .quarantine] {
            let wasThere = try medium.stamp(folder) != nil
            // Of one that is there, the mode is corrected.
            try medium.make(folder)
            if !wasThere { done.append("made \(folder.path)") }
        }
        try write(header, keys: keys)
        done.append("wrote pad.p7s, generation \(header.generation), epoch \(header.epoch)")
        let removed = try cleanTemporaries()
        if removed > 0 { done.append("removed \(removed) temporary files") }
        rule.forget()
        return done
    }

    /// Removes the controller's own temporary files, which an interrupted pass left: to be called before the first pass. Of replies, those go that
    /// `keeps` does not want: they were acknowledged or have expired, and the controller ended before it took them away.
    @discardableResult
    package func cleanTemporaries(keeps: (PadName) -> Bool = { _ in true }) throws(PadError) -> Int {
        var count = 0
        for name in try medium.names(in: .root, limit: 4096) where name.isTemporary(of: ".pad.p7s.") {
            if try medium.remove(name, in: .root) { count += 1 }
        }
        for key in try medium.names(in: .outgoing, limit: Self.maximumNames) {
            guard let fingerprint = Fingerprint(key.description) else { continue }
            for name in try medium.names(in: .replies(fingerprint), limit: Self.maximumNames)
            where name.isTemporary(of: ".") || !name.isHidden && !keeps(name) {
                if try medium.remove(name, in: .replies(fingerprint)) { count += 1 }
            }
        }
        return count
    }

    /// Empties the quarantine, removes temporary files of hosts, whatever is planted in `out`, and what was moved aside. Messages that wait and
    /// replies stay. Says how many things went.
    package mutating func purge() throws(PadError) -> Int {
        var count = try cleanTemporaries()
        for name in try medium.names(in: .quarantine, limit: Self.maximumNames) {
            if try medium.remove(name, in: .quarantine) { count += 1 }
        }
        for name in try medium.names(in: .incoming, limit: Self.maximumNames) where name.isHidden {
            if try medium.remove(name, in: .incoming) { count += 1 }
        }
        for name in try medium.names(in: .outgoing, limit: Self.maximumNames) where Fingerprint(name.description) == nil {
            if try medium.remove(name, in: .outgoing) { count += 1 }
        }
        for name in try medium.names(in: .root, limit: 4096) where name.bytes.starts(with: ".aside-".utf8) {
            if try medium.remove(name, in: .root) { count += 1 }
        }
        temporaries = [:]
        return count
    }

    /// Retires a pad: the header first, so that no host begins anything, then all that is Quartermaster's. Other files stay, and are named.
    package mutating func remove() throws(PadError) -> [PadName] {
        _ = try medium.remove(PadHeader.fileName, in: .root)
        try medium.synchronize(.root)
        for name in ["in", "out", "bad"] { _ = try medium.remove(PadName(known: name), in: .root) }
        for name in try medium.names(in: .root, limit: 4096)
        where name.bytes.starts(with: ".aside-".utf8) || name.isTemporary(of: ".pad.p7s.") {
            _ = try medium.remove(name, in: .root)
        }
        try medium.synchronize(.root)
        return try medium.names(in: .root, limit: 4096)
    }
}

extension PadName {
    func isTemporary(of prefix: String) -> Bool {
        bytes.starts(with: prefix.utf8) && bytes.suffix(4).elementsEqual(".tmp".utf8)
    }
}
