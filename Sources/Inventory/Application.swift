import Identifiers
import StrictJSON

extension Inventory {
    /// A program of interest to whoever plans storage: a database, a hypervisor, a file server.
    package struct Application: InventoryEntry {
        package var name: String
        package var version: String?
        /// How it was found: `package postgresql-15`, `process postgres`.
        package var evidence: String
        /// Where it keeps its data, sorted by path.
        package var directories: [DataDirectory]

        package init(name: String, version: String? = nil, evidence: String, directories: [DataDirectory] = []) {
            self.name = name
            self.version = version
            self.evidence = evidence
            self.directories = directories
        }

        package var key: String { "\(name) \(evidence)" }
    }

    /// A directory that an application keeps data in, with what lies under it.
    package struct DataDirectory: Hashable, Sendable {
        /// As the application sees it: in a container, below the container's root.
        package var path: String
        /// How it is known: `option -D`, `setting data_directory in /etc/…`, `usual place`.
        package var evidence: String
        /// The file system that it is on, by its mount point on the host; none where a container's is not mounted there.
        package var mountPoint: String?
        /// The kernel's names of that file system's members, sorted.
        package var devices: [String]
        /// The logical units at the bottom of those, sorted.
        package var wwids: [WWID]

        package init(path: String, evidence: String, mountPoint: String? = nil, devices: [String] = [], wwids: [WWID] = []) {
            self.path = path
            self.evidence = evidence
            self.mountPoint = mountPoint
            self.devices = devices
            self.wwids = wwids
        }
    }
}

extension Inventory.Application: JSONWritable, JSONReadable {
    /// More directories than this are refused.
    package static let maximumDirectories = 256

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("version", version)
            writer.member("evidence", evidence)
            if !directories.isEmpty { writer.member("directories", array: directories) }
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        version = try fields.optionalString("version", maximumLength: 255)
        evidence = try fields.string("evidence", maximumLength: 1024)
        directories = try fields.objects("directories", maximumCount: Self.maximumDirectories) { (entry) throws(JSONError) in
            try Inventory.DataDirectory(json: entry)
        }
    }
}

extension Inventory.DataDirectory: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("path", path)
            writer.member("evidence", evidence)
            writer.member("mountPoint", mountPoint)
            writer.member("devices", strings: devices)
            writer.member("wwids", strings: wwids.map(\.description))
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        path = try fields.string("path", maximumLength: 4096)
        evidence = try fields.string("evidence", maximumLength: 8192)
        mountPoint = try fields.optionalString("mountPoint", maximumLength: 4096)
        devices = try fields.strings("devices", maximumLength: 255)
        wwids = []
        for text in try fields.strings("wwids", maximumLength: 512) {
            guard let wwid = WWID(text) else { throw .invalid(path: fields.path("wwids"), reason: "holds \"\(text)\", which is no WWID") }
            wwids.append(wwid)
        }
    }
}
