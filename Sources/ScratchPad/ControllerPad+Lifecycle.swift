import Files
import Glibc
import Identifiers
import Sealing

extension ControllerPad {
    /// Makes a pad. Throws `.exists` where there is one already, whoever made it, and `.taken` where something is in its folders' place: nothing
    /// that was there before is taken over. Empty folders, which an attempt that was interrupted leaves, are.
    package static func create(
        on medium: any PadMedium, header: PadHeader, keys: ControllerKeys
    ) throws(PadError) -> ControllerPad {
        try medium.make(.root)
        guard try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) == nil else { throw .exists(path: "pad.p7s") }
        for folder in PadFolder.fixed {
            let isFree =
                if try medium.stamp(folder) == nil {
                    try medium.read(PadName(known: folder.path), in: .root, limit: 0) == nil
                } else {
                    try medium.names(in: folder, limit: 1).isEmpty
                }
            guard isFree else { throw .taken(path: folder.path) }
        }
        var pad = ControllerPad(medium: medium, limits: header.limits)
        try pad.makeFolders()
        try pad.write(header, keys: keys)
        return pad
    }

    /// Makes whatever folder is missing, and moves aside what is none.
    func makeFolders() throws(PadError) {
        for folder in PadFolder.fixed { try medium.make(folder) }
    }

    /// Replaces the header: with a higher generation for new leaf keys, another interval or end, with a higher epoch after a restore.
    package mutating func write(_ header: PadHeader, keys: ControllerKeys) throws(PadError) {
        let signed: [UInt8]
        do throws(SealingError) { signed = try header.signed(by: keys) } catch { throw .header(.sealing(error)) }
        try HeaderWatch.put(signed, on: medium)
        watch = HeaderWatch(header: signed)
    }

    /// Whether there is anything of the pad in its directory: a mount point without its file system has nothing. Throws `.header` where
    /// another pad, or another controller's, is there.
    package func hasTrace(of padID: PadID, keys: ControllerKeys, now: Timestamp) throws(PadError) -> Bool {
        guard try medium.stamp(.root) != nil else { return false }
        if case .content(let bytes)? = try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) {
            do throws(PadHeaderFault) {
                let found = try VerifiedHeader(bytes, trust: .pinned(keys.fingerprint), known: nil, now: now).header.padID
                guard found == padID else { throw .otherPad(expected: padID, found: found) }
                return true
            } catch {
                switch error {
                case .otherPad, .otherController: throw .header(error)
                // Damaged or out of date: what else is there decides.
                default: break
                }
            }
        }
        for folder in PadFolder.fixed where try medium.stamp(folder) != nil { return true }
        return false
    }

    /// Mends: folders, header, temporary files that an interrupted pass left, permissions. Nothing that waits is lost. Says what was done.
    /// Look for `hasTrace` first: this writes whatever is there.
    package mutating func repair(_ header: PadHeader, keys: ControllerKeys) throws(PadError) -> [String] {
        var done: [String] = []
        if try medium.stamp(.root) == nil { done.append("made the pad's directory") }
        try medium.make(.root)
        if try medium.admitHosts() { done.append("let hosts into the pad's directory") }
        for folder in PadFolder.fixed {
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
        for (name, folder) in try leftOver(keeps) where try medium.remove(name, in: folder) { count += 1 }
        return count
    }

    private func leftOver(_ keeps: (PadName) -> Bool) throws(PadError) -> [(name: PadName, folder: PadFolder)] {
        var found: [(name: PadName, folder: PadFolder)] = []
        for name in try medium.names(in: .root, limit: 4096) where name.isTemporary(of: ".pad.p7s.") { found.append((name, .root)) }
        for key in try medium.names(in: .outgoing, limit: Self.maximumNames) {
            guard let fingerprint = Self.key(key) else { continue }
            for name in try medium.names(in: .replies(fingerprint), limit: Self.maximumNames)
            where name.isTemporary(of: ".") || !name.isHidden && !keeps(name) { found.append((name, .replies(fingerprint))) }
        }
        return found
    }

    /// What a purge did, or would do.
    package struct Purge: Equatable, Sendable {
        package var removed = 0
        /// Of what was removed the first thousand, below the pad.
        package var paths: [String] = []
        /// The first hundred names in the pad's own directory that are not Quartermaster's: they stay.
        package var foreign: [PadName] = []
        /// What could not be removed: its path below the pad, and why.
        package var left: [(path: String, reason: PadError)] = []

        package static func == (left: Self, right: Self) -> Bool {
            left.removed == right.removed && left.left.elementsEqual(right.left) { $0 == $1 }
        }
    }

    /// Empties the quarantine, removes temporary files of hosts, whatever is planted in `out`, and what was moved aside. Messages that wait
    /// stay, and replies to the keys that `keeps` names; without it, to all. What cannot be removed keeps nothing else from going.
    /// A `dryRun` says the same and removes nothing.
    package mutating func purge(dryRun: Bool = false, keeps: (Fingerprint) -> Bool = { _ in true }) throws(PadError) -> Purge {
        var purge = Purge()
        for (name, folder) in try leftOver({ _ in true }) { try clear(name, in: folder, &purge, dryRun: dryRun) }
        for name in try medium.names(in: .quarantine, limit: Self.maximumNames) {
            try clear(name, in: .quarantine, &purge, dryRun: dryRun)
        }
        for name in try medium.names(in: .incoming, limit: Self.maximumNames) where name.isHidden {
            try clear(name, in: .incoming, &purge, dryRun: dryRun)
        }
        for name in try medium.names(in: .outgoing, limit: Self.maximumNames) {
            if let key = Self.key(name), keeps(key) { continue }
            try clear(name, in: .outgoing, &purge, dryRun: dryRun)
        }
        let own = PadFolder.fixed.map { PadName(known: $0.path) } + [PadHeader.fileName]
        for name in try medium.names(in: .root, limit: 4096) where !own.contains(name) && !name.isTemporary(of: ".pad.p7s.") {
            if name.bytes.starts(with: ".aside-".utf8) {
                try clear(name, in: .root, &purge, dryRun: dryRun)
            } else if purge.foreign.count < 100 {
                purge.foreign.append(name)
            }
        }
        if !dryRun { temporaries = [:] }
        return purge
    }

    private func clear(_ name: PadName, in folder: PadFolder, _ purge: inout Purge, dryRun: Bool = false) throws(PadError) {
        let path = folder.path.isEmpty ? "\(name)" : "\(folder.path)/\(name)"
        do throws(PadError) {
            if !dryRun { guard try removeWhole(name, in: folder) else { return } }
            purge.removed += 1
            if purge.paths.count < 1_000 { purge.paths.append(path) }
        } catch {
            guard case .file = error else { throw error }
            purge.left.append((path, error))
        }
    }

    /// For commands, which have time: goes on where one call does a part. False where there is nothing of that name.
    private func removeWhole(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
        for _ in 0..<Self.removalRounds {
            do throws(PadError) { return try medium.remove(name, in: folder) } catch {
                guard case .file(.system(_, _, ENOTEMPTY)) = error else { throw error }
            }
        }
        return try medium.remove(name, in: folder)
    }

    /// Some ten million entries.
    private static let removalRounds = 160

    /// Retires a pad: the header first, so that no host begins anything, then all that is Quartermaster's. Other files stay, and are named.
    /// Throws the first thing that could not be removed, once everything else is.
    package mutating func remove() throws(PadError) -> [PadName] {
        _ = try medium.remove(PadHeader.fileName, in: .root)
        try medium.synchronize(.root)
        var purge = Purge()
        for folder in PadFolder.fixed { try clear(PadName(known: folder.path), in: .root, &purge) }
        for name in try medium.names(in: .root, limit: 4096)
        where name.bytes.starts(with: ".aside-".utf8) || name.isTemporary(of: ".pad.p7s.") {
            try clear(name, in: .root, &purge)
        }
        try medium.synchronize(.root)
        if let first = purge.left.first { throw first.reason }
        return try medium.names(in: .root, limit: 4096)
    }
}

extension PadName {
    func isTemporary(of prefix: String) -> Bool {
        bytes.starts(with: prefix.utf8) && bytes.suffix(4).elementsEqual(".tmp".utf8)
    }
}
