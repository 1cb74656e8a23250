import Files
import Glibc
import Identifiers
import ScratchPad

/// `SimulatedStorage` as one machine has it.
package struct SimulatedMedium: PadMedium {
    let storage: SimulatedStorage
    let machine: SimulatedStorage.Machine

    package func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? {
        try change { (state) throws(PadError) in
            state.folders[folder].map { FolderStamp(device: 1, inode: $0.inode, modified: $0.modified) }
        }
    }

    package func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] {
        try change { (state) throws(PadError) in
            // In the order in which the files were made: dictionaries have another in each process, and names hold random numbers.
            var names = (state.folders[folder]?.entries ?? [:]).sorted { $0.value < $1.value }.map(\.key)
            if folder == .root {
                for (inner, name) in [(PadFolder.incoming, "in"), (.outgoing, "out"), (.quarantine, "bad")]
                where state.folders[inner] != nil {
                    names.append(contentsOf: [PadName(name)].compactMap(\.self))
                }
            }
            if folder == .outgoing {
                let replies = state.folders.filter { $0.key.isReplies }.sorted { $0.value.inode < $1.value.inode }
                for case .replies(let key) in replies.map(\.key) { names.append(contentsOf: [PadName(key.hexadecimal)].compactMap(\.self)) }
            }
            names.shuffle(using: &state.random)
            return Array(names.prefix(limit))
        }
    }

    package func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
        try change { (state) throws(PadError) in
            guard let file = state.folders[folder]?.entries[name], let content = state.files[file]?.content else { return nil }
            if state.happens(state.faults[machine]?.inputOutput ?? 0) { return .fault(.unreadable(errno: EIO)) }
            if case .content(let bytes) = content, bytes.count > limit {
                return .fault(.tooLarge(bytes: Int64(bytes.count), limit: limit))
            }
            return content
        }
    }

    package func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
        try change { (state) throws(PadError) in
            guard state.folders[folder] != nil else { throw .gone(path: folder.path) }
            guard state.folders[folder]?.entries[name] == nil else { throw failure("create", folder, name, EEXIST) }
            let faults = state.faults[machine] ?? SimulatedStorage.Faults()
            if state.happens(faults.inputOutput) { throw failure("create", folder, name, EIO) }
            let isFull = state.happens(faults.space)
            let isLost = durably && state.happens(faults.forcing)
            let written = isFull || isLost ? state.torn(bytes) : bytes
            let file = state.newFile(.content(written), machine: machine, isDurable: durably && !isFull && !isLost)
            state.folders[folder]?.entries[name] = file
            state.touch(folder)
            state.pending.append(
                SimulatedStorage.Change(machine: machine, removed: nil, added: (folder, name, file), replaced: nil))
            if isFull { throw failure("write", folder, name, ENOSPC) }
            if isLost { throw failure("fsync", folder, name, EIO) }
        }
    }

    package func move(
        _ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder
    ) throws(PadError) -> Bool {
        try change { (state) throws(PadError) in
            guard state.folders[folder] != nil else { throw .gone(path: folder.path) }
            guard state.folders[newFolder] != nil else { throw .gone(path: newFolder.path) }
            guard let file = state.folders[folder]?.entries[name] else { return false }
            if state.happens(state.faults[machine]?.inputOutput ?? 0) { throw failure("rename", folder, name, EIO) }
            let replaced = state.folders[newFolder]?.entries[newName]
            state.folders[folder]?.entries[name] = nil
            state.folders[newFolder]?.entries[newName] = file
            state.touch(folder)
            state.touch(newFolder)
            state.pending.append(
                SimulatedStorage.Change(
                    machine: machine, removed: (folder, name, file), added: (newFolder, newName, file), replaced: replaced))
            return true
        }
    }

    package func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
        try change { (state) throws(PadError) in
            if let inner = Self.folder(name, in: folder), state.folders[inner] != nil {
                state.folders = state.folders.filter { $0.key != inner && !(inner == .outgoing && $0.key.isReplies) }
                return true
            }
            guard let file = state.folders[folder]?.entries[name] else { return false }
            if state.happens(state.faults[machine]?.inputOutput ?? 0) { throw failure("remove", folder, name, EIO) }
            state.folders[folder]?.entries[name] = nil
            state.touch(folder)
            state.pending.append(
                SimulatedStorage.Change(machine: machine, removed: (folder, name, file), added: nil, replaced: nil))
            return true
        }
    }

    package func make(_ folder: PadFolder) throws(PadError) {
        try change { (state) throws(PadError) in
            if folder != .root, state.folders[.root] == nil { throw .gone(path: "simulation") }
            if folder.isReplies, state.folders[.outgoing] == nil { state.folders[.outgoing] = .init(inode: state.random.next()) }
            if let name = Self.name(of: folder), let planted = state.folders[.root]?.entries[name] {
                state.folders[.root]?.entries[name] = nil
                if let aside = PadName(".aside-\(state.random.next())") { state.folders[.root]?.entries[aside] = planted }
            }
            if state.folders[folder] == nil {
                state.folders[folder] = .init(inode: state.random.next())
                state.touch(folder)
            }
        }
    }

    package func synchronize(_ folder: PadFolder?) throws(PadError) {
        try change { (state) throws(PadError) in
            if let folder, state.folders[folder] == nil { throw .gone(path: folder.path) }
            if state.happens(state.faults[machine]?.forcing ?? 0) {
                throw .file(.system(operation: "fsync", path: folder?.path ?? "everything", errno: EIO))
            }
            guard let folder else {
                state.pending.removeAll()
                for number in state.files.keys { state.files[number]?.isDurable = true }
                return
            }
            // Forcing out names does not force out what is in the files.
            state.pending.removeAll { $0.touches(folder) }
        }
    }

    private func change<Value: Sendable>(
        _ body: (inout SimulatedStorage.State) throws(PadError) -> Value
    ) throws(PadError) -> Value {
        let result: Result<Value, PadError> = storage.state.withLock { state in
            do throws(PadError) {
                try state.call(machine)
                return .success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func failure(_ operation: String, _ folder: PadFolder, _ name: PadName, _ errno: Int32) -> PadError {
        .file(.system(operation: operation, path: "\(folder.path)/\(name)", errno: errno))
    }

    private static func name(of folder: PadFolder) -> PadName? {
        switch folder {
        case .root: nil
        case .incoming: PadName("in")
        case .outgoing: PadName("out")
        case .quarantine: PadName("bad")
        case .replies: nil
        }
    }

    private static func folder(_ name: PadName, in parent: PadFolder) -> PadFolder? {
        switch (parent, name.description) {
        case (.root, "in"): .incoming
        case (.root, "out"): .outgoing
        case (.root, "bad"): .quarantine
        case (.outgoing, let text): Fingerprint(text).map { .replies($0) }
        default: nil
        }
    }
}

extension PadFolder {
    fileprivate var isReplies: Bool { if case .replies = self { true } else { false } }
}
