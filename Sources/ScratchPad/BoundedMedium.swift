/// A medium whose calls are given up when they take too long, so that a file system that hangs does not hang the caller.
///
/// Each call is made by a thread of its own. One that is given up throws `.silent`; what it still does, whenever it returns, changes nothing that
/// counts: a message that appears later is taken once, a name is never used again. While it has not returned, further calls on the same pad throw
/// at once: there is never more than one thread that hangs for each pad.
package struct BoundedMedium: PadMedium {
    private let medium: any PadMedium
    private let path: String
    private let patience: PadPatience

    /// `path` says which pad it is: calls on equal paths wait for each other.
    package init(_ medium: any PadMedium, path: String, patience: PadPatience) {
        self.medium = medium
        self.path = path
        self.patience = patience
    }

    package func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? {
        try call { medium throws(PadError) in try medium.stamp(folder) }
    }

    package func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] {
        try call { medium throws(PadError) in try medium.names(in: folder, limit: limit) }
    }

    package func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
        try call { medium throws(PadError) in try medium.read(name, in: folder, limit: limit) }
    }

    package func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
        try call { medium throws(PadError) in try medium.write(bytes, as: name, in: folder, durably: durably) }
    }

    package func move(
        _ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder
    ) throws(PadError) -> Bool {
        try call { medium throws(PadError) in try medium.move(name, in: folder, to: newName, in: newFolder) }
    }

    package func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
        try call { medium throws(PadError) in try medium.remove(name, in: folder) }
    }

    package func make(_ folder: PadFolder) throws(PadError) {
        try call { medium throws(PadError) in try medium.make(folder) }
    }

    package func synchronize(_ folder: PadFolder?) throws(PadError) {
        try call { medium throws(PadError) in try medium.synchronize(folder) }
    }

    package func permissions(of name: PadName?, in folder: PadFolder) throws(PadError) -> UInt32? {
        try call { medium throws(PadError) in try medium.permissions(of: name, in: folder) }
    }

    package func admitHosts() throws(PadError) -> Bool {
        try call { medium throws(PadError) in try medium.admitHosts() }
    }

    private func call<Value: Sendable>(
        _ body: @escaping @Sendable (any PadMedium) throws(PadError) -> Value
    ) throws(PadError) -> Value {
        let medium = medium
        return try patience.calls.make(on: path, patience) { () throws(PadError) in try body(medium) }
    }
}
