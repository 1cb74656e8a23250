import Files
import Glibc
import ISCSI
import Identifiers

/// open-iscsi's node records: listed, read, written and removed below `etc/iscsi/nodes`. Links are not followed, sizes bounded.
package struct RecordDatabase: Sendable {
    package let tree: OpenISCSITree
    package let lock: DatabaseLock

    package init(_ tree: OpenISCSITree, lockPatience: Duration = .seconds(30)) {
        self.tree = tree
        lock = DatabaseLock(tree, patience: lockPatience)
    }

    /// More records than this are not looked at.
    static let maximumRecords = 100_000

    package struct Entry: Hashable, Sendable {
        package var name: RecordName
        package var record: RecordText
    }

    /// All records, or those of one target, sorted; and what stands between them and cannot be read, with the reason.
    package func all(of target: ISCSIName? = nil) throws(SetupError) -> (entries: [Entry], faults: [SetupError]) { try read(target) }

    /// Those of one target. Throws where one of them cannot be read: what is done to all of a target's records is done to all, or to none.
    package func entries(of target: ISCSIName) throws(SetupError) -> [Entry] {
        let (entries, faults) = try read(target)
        if let fault = faults.first { throw fault }
        return entries
    }

    private func read(_ only: ISCSIName?) throws(SetupError) -> (entries: [Entry], faults: [SetupError]) {
        guard let nodes = try directory(tree.nodes) else { return ([], []) }
        var entries: [Entry] = []
        var faults: [SetupError] = []
        for spelling in try names(nodes) {
            guard let target = ISCSIName(spelling), only == nil || target == only else { continue }
            let portals: FileDescriptor
            do throws(FileError) {
                portals = try nodes.open(beneath: spelling, flags: O_RDONLY | O_DIRECTORY)
            } catch {
                if error.errno != ENOENT, error.errno != ENOTDIR { faults.append(.file(error)) }
                continue
            }
            for portal in try self.names(portals) {
                guard let place = RecordName.portal(portal) else { continue }
                var name = RecordName(
                    target: target, spelling: spelling, address: place.address, port: place.port, portalGroupTag: place.portalGroupTag)
                do throws(SetupError) {
                    for interface in try interfaces(portals, portal) {
                        guard entries.count < Self.maximumRecords else { return (entries.sorted { $0.name < $1.name }, faults) }
                        if let interface { name.interface = interface }
                        do throws(SetupError) {
                            guard let found = try read(portals, interface.map { "\(portal)/\($0)" } ?? portal) else { continue }
                            entries.append(Entry(name: name, record: try RecordText(found.bytes, path: path(name))))
                        } catch {
                            faults.append(error)
                        }
                    }
                } catch {
                    faults.append(error)
                }
            }
        }
        return (entries.sorted { $0.name < $1.name }, faults)
    }

    /// The interfaces with a record below a portal; one nil where the portal is itself a record.
    private func interfaces(_ portals: FileDescriptor, _ portal: String) throws(SetupError) -> [String?] {
        do throws(FileError) {
            let folder = try portals.open(beneath: portal, flags: O_RDONLY | O_DIRECTORY)
            return try folder.names(limit: 1024).filter { RecordName.isInterface($0) }.sorted().map { $0 }
        } catch {
            if error.errno == ENOTDIR { return [nil] }
            if error.errno == ENOENT { return [] }
            throw .file(error)
        }
    }

    package func path(_ name: RecordName) -> String { "\(tree.nodes)/\(name.components.joined(separator: "/"))" }

    package func record(_ name: RecordName) throws(SetupError) -> RecordText? {
        guard let nodes = try directory(tree.nodes), let found = try read(nodes, name.components.joined(separator: "/")) else { return nil }
        return try RecordText(found.bytes, path: path(name))
    }

    /// A file's bytes and mode; nil where there is none.
    func read(_ folder: FileDescriptor, _ name: String) throws(SetupError) -> (bytes: SecretBytes, mode: UInt32)? {
        do throws(FileError) {
            let file = try folder.open(beneath: name, flags: O_RDONLY)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileError.notRegular(path: file.path) }
            return (try Self.bytes(of: file), status.st_mode & 0o7777)
        } catch {
            if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
            throw .file(error)
        }
    }

    /// Read to where they are wiped.
    private static func bytes(of file: FileDescriptor) throws(FileError) -> SecretBytes {
        let limit = RecordText.maximumBytes
        return try SecretBytes(capacity: limit + 1) { room throws(FileError) in
            var count = 0
            while count <= limit {
                let more = Glibc.read(file.number, room.baseAddress.map { $0 + count }, room.count - count)
                if more == 0 { return count }
                if more < 0, errno != EINTR { throw .system(operation: "read", path: file.path, errno: errno) }
                count += max(more, 0)
            }
            throw .tooLarge(path: file.path, limit: limit)
        }
    }

    func directory(_ path: String) throws(SetupError) -> FileDescriptor? {
        do throws(FileError) {
            return try FileDescriptor(directory: path)
        } catch {
            if error.errno == ENOENT { return nil }
            throw .file(error)
        }
    }

    private func names(_ folder: FileDescriptor) throws(SetupError) -> [String] {
        do throws(FileError) { return try folder.names(limit: Self.maximumRecords).sorted() } catch { throw .file(error) }
    }
}

extension RecordDatabase {
    /// The record of an interface; `default` is there without one. Nil where there is none of that name.
    package func interface(_ name: String) throws(SetupError) -> InterfaceRecord? {
        if name == "default" { return .default }
        guard RecordName.isInterface(name), let folder = try directory(tree.interfaces), let found = try read(folder, name) else {
            return nil
        }
        return InterfaceRecord(name: name, record: try RecordText(found.bytes, path: "\(tree.interfaces)/\(name)"))
    }

    /// The interfaces that have a record, sorted.
    package func interfaceNames() throws(SetupError) -> [String] {
        guard let folder = try directory(tree.interfaces) else { return [] }
        return try names(folder).filter { $0 != "default" && RecordName.isInterface($0) }
    }

    /// What a new record says before anybody has said anything, on this host.
    package func defaults() throws(SetupError) -> NodeDefaults {
        guard let folder = try directory(tree.configuration), let found = try read(folder, "iscsid.conf") else { return NodeDefaults() }
        return NodeDefaults(daemonSettings: try RecordText(found.bytes, path: tree.daemonSettings))
    }
}
