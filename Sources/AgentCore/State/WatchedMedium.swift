import ScratchPad

/// A medium that tells of each durable step on the pad, so that a test can kill the program there.
package struct WatchedMedium: PadMedium {
    private let medium: any PadMedium
    private let reached: @Sendable (Step) -> Void

    package init(_ medium: any PadMedium, reached: @escaping @Sendable (Step) -> Void) {
        self.medium = medium
        self.reached = reached
    }

    package func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? { try medium.stamp(folder) }

    package func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] { try medium.names(in: folder, limit: limit) }

    package func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
        try medium.read(name, in: folder, limit: limit)
    }

    package func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
        try medium.write(bytes, as: name, in: folder, durably: durably)
        reached(.padFileWritten)
    }

    package func move(
        _ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder
    ) throws(PadError) -> Bool {
        let isMoved = try medium.move(name, in: folder, to: newName, in: newFolder)
        reached(.padFileMoved)
        return isMoved
    }

    package func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
        let isRemoved = try medium.remove(name, in: folder)
        reached(.padFileRemoved)
        return isRemoved
    }

    package func make(_ folder: PadFolder) throws(PadError) { try medium.make(folder) }

    package func synchronize(_ folder: PadFolder?) throws(PadError) {
        try medium.synchronize(folder)
        reached(.padFolderSynchronized)
    }
}
