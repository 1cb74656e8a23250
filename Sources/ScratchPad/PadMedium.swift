import Files
import Identifiers

/// The parts of a pad.
package enum PadFolder: Hashable, Sendable {
    /// Where the header is.
    case root
    case incoming
    case outgoing
    case replies(Fingerprint)
    case quarantine

    /// What every pad has in its directory.
    static let fixed: [PadFolder] = [.incoming, .outgoing, .quarantine]

    /// Below the pad's directory; empty for the pad itself.
    package var path: String {
        switch self {
        case .root: ""
        case .incoming: "in"
        case .outgoing: "out"
        case .replies(let key): "out/\(key.hexadecimal)"
        case .quarantine: "bad"
        }
    }
}

/// What says whether a folder may have changed.
package struct FolderStamp: Equatable, Sendable {
    package var device: UInt64
    package var inode: UInt64
    /// Nanoseconds since 1970, by the file system's clock; the nearest that there is for a time before 1677 or after 2262, which anybody
    /// who owns the folder can set.
    package var modified: Int64

    package init(device: UInt64, inode: UInt64, modified: Int64) {
        self.device = device
        self.inode = inode
        self.modified = modified
    }

    /// From a file's status, which may say anything.
    package init(device: UInt64, inode: UInt64, seconds: Int64, nanoseconds: Int64) {
        let limit = seconds < 0 ? Int64.min : .max
        let (whole, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isBeyond) = whole.addingReportingOverflow(nanoseconds)
        self.init(device: device, inode: inode, modified: isTooFar || isBeyond ? limit : sum)
    }
}

/// What reading a name in a hostile directory gave.
package enum PadFile: Equatable, Sendable {
    case content([UInt8])
    case fault(PadFileFault)
}

/// Why a name in a pad is no file that is read.
package enum PadFileFault: Equatable, Sendable {
    /// A link, a FIFO, a socket, a device or a directory.
    case notRegular
    /// Several names for one file.
    case linked(names: Int)
    case tooLarge(bytes: Int64, limit: Int)
    /// Its size changed while it was read.
    case unsteady
    case unreadable(errno: Int32)
    /// Not the form of a message's name.
    case oddName
}

extension PadFileFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notRegular: "not a regular file"
        case .linked(let names): "a file with \(names) names"
        case .tooLarge(let bytes, let limit): "a file of \(bytes) bytes; at most \(limit) are read"
        case .unsteady: "a file that changed while it was read"
        case .unreadable(let errno): "unreadable: \(FileError.text(of: errno))"
        case .oddName: "a name that no host gives"
        }
    }
}

/// A place where hosts and a controller leave files for each other. Made for a directory on shared storage; the tests' implementation lives
/// in memory and loses, tears and reorders what was not forced out. One contract suite holds both to the same behaviour.
///
/// All calls may block as long as the storage does; callers give each pad a worker of its own.
package protocol PadMedium: Sendable {
    /// Nil where the folder is not there. One system call.
    func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp?
    /// At most `limit` names, in any order, of whatever is there. Nothing for a folder that is not there.
    func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName]
    /// Nil where there is nothing of that name.
    func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile?
    /// A new file, all of it, and forced out where `durably`. Throws for a name that is taken. After an error there may be a part of it.
    func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError)
    /// Renames, replacing what has the new name; false where there is nothing of the old one.
    func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool
    /// Removes a file or, with what is in it, a directory; false where there is nothing of that name. One call does a bounded part of the work:
    /// it throws ENOTEMPTY where there is more, and the next call goes on.
    func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool
    /// Makes a folder where there is none, and moves aside what is there and is none. Of the pad itself only the last directory is made, and
    /// nothing moved: `.notMade` says why not.
    func make(_ folder: PadFolder) throws(PadError)
    /// Forces out the names of a folder, or with nil everything on the pad's file system.
    func synchronize(_ folder: PadFolder?) throws(PadError)
    /// What `synchronize(nil)` forces out, by a number that all pads on it have alike; nil where that is not known.
    var fileSystem: UInt64? { get }
    /// What the mode of a folder, or of a name in it, lets its owner, group and others do (`st_mode & 0o7777`). Nil where there are no modes,
    /// or nothing of that name.
    func permissions(of name: PadName?, in folder: PadFolder) throws(PadError) -> UInt32?
    /// Lets hosts look into the pad's directory, and nobody else write there. True where its mode was changed.
    func admitHosts() throws(PadError) -> Bool
}

extension PadMedium {
    package var fileSystem: UInt64? { nil }
    package func permissions(of name: PadName?, in folder: PadFolder) throws(PadError) -> UInt32? { nil }
    package func admitHosts() throws(PadError) -> Bool { false }
}
