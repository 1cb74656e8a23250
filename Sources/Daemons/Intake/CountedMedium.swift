import ScratchPad
import Synchronization

/// A medium that counts the calls made on it: whoever works through many files gets on as long as the count grows, and hangs where it stays.
final class CountedMedium: PadMedium {
    private let medium: any PadMedium
    private let count = Atomic<UInt64>(0)

    init(_ medium: any PadMedium) { self.medium = medium }

    /// Calls that were begun, ever.
    var calls: UInt64 { count.load(ordering: .relaxed) }

    private var counted: any PadMedium {
        count.wrappingAdd(1, ordering: .relaxed)
        return medium
    }

    func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? { try counted.stamp(folder) }

    func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] { try counted.names(in: folder, limit: limit) }

    func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
        try counted.read(name, in: folder, limit: limit)
    }

    func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
        try counted.write(bytes, as: name, in: folder, durably: durably)
    }

    func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
        try counted.move(name, in: folder, to: newName, in: newFolder)
    }

    func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool { try counted.remove(name, in: folder) }

    func make(_ folder: PadFolder) throws(PadError) { try counted.make(folder) }

    func synchronize(_ folder: PadFolder?) throws(PadError) { try counted.synchronize(folder) }

    var fileSystem: UInt64? { medium.fileSystem }

    func permissions(of name: PadName?, in folder: PadFolder) throws(PadError) -> UInt32? {
        try counted.permissions(of: name, in: folder)
    }

    func admitHosts() throws(PadError) -> Bool { try counted.admitHosts() }
}
