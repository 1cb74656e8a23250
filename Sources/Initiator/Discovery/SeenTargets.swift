import Files
import Glibc
import ISCSI
import Identifiers
import StrictJSON

/// What portals said of the targets that this host has records of, when they were asked last: aliases, and which portals still name them.
///
/// `targets`, mode 0600, in the journal's directory: `{"format":"quartermaster-iscsi-targets/1","at":…,"answered":["192.0.2.1:3260"],
/// "targets":[{"name":…,"alias":…,"portals":["192.0.2.1:3260"]}]}`
package struct SeenTargets: Equatable, Sendable {
    package static let format = "quartermaster-iscsi-targets/1"
    private static let fileName = "targets"
    private static let maximumBytes = 64 << 20

    package struct Target: Equatable, Sendable {
        package var alias: String?
        package var portals: Set<PortalAddress>
    }

    package var at: Timestamp
    /// Portals that said what they have.
    package var answered: Set<PortalAddress>
    package var targets: [ISCSIName: Target]

    /// Of `asked`, those without a problem have answered. Of the targets, `recorded` are kept; an alias that nobody told this time is `before`'s.
    package init(
        _ report: DiscoveryReport, asked: [PortalAddress], recorded: Set<ISCSIName>, before: SeenTargets? = nil, at: Timestamp
    ) {
        self.at = at
        targets = [:]
        for found in report.targets where recorded.contains(found.name) {
            // RFC 7143 section 13.6: an alias has at most 255 bytes.
            let alias = found.alias.flatMap { $0.utf8.count <= 255 ? $0 : nil }
            targets[found.name] = Target(alias: alias, portals: Set(found.portals.map(\.address)))
        }
        for name in recorded {
            guard let alias = before?.targets[name]?.alias, targets[name]?.alias == nil else { continue }
            targets[name, default: Target(alias: nil, portals: [])].alias = alias
        }
        let silent = Set(report.problems.map(\.address))
        // Of one that was broken off it is not known who would have answered.
        answered = report.end == .finished ? Set(asked.filter { !silent.contains($0.description) }) : []
    }

    /// Whether a portal is one of the target's by what was said; nil where nobody said.
    package func offers(_ name: ISCSIName, at portal: PortalAddress) -> Bool? {
        if targets[name]?.portals.contains(portal) == true { return true }
        return answered.contains(portal) ? false : nil
    }
}

extension SeenTargets {
    /// Nil where nothing was asked yet. `directory` is the journal's.
    package static func load(_ directory: String) throws(SetupError) -> SeenTargets? {
        let path = "\(directory)/\(fileName)"
        let bytes: [UInt8]
        do throws(FileError) { bytes = try readFile(path, limit: maximumBytes) } catch {
            if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
            throw .file(error)
        }
        do throws(JSONError) { return try SeenTargets(json: JSONFields(JSONValue.parse(bytes))) } catch {
            throw .outcome(.initiatorMisconfigured, detail: "\(path) is damaged: \(error); iscsi targets --refresh writes it anew")
        }
    }

    /// The journal's lock is held by the caller, and its directory is there.
    package func save(_ directory: String) throws(SetupError) {
        do throws(FileError) { try FileDescriptor(directory: directory).replace(Self.fileName, with: jsonBytes) } catch {
            throw .file(error)
        }
    }
}

extension SeenTargets: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("format", Self.format)
            writer.member("at", at.description)
            writer.member("answered", strings: answered.sorted().map(\.description))
            writer.key("targets")
            writer.array(targets.sorted { $0.key < $1.key }) { writer, entry in
                writer.object { writer in
                    writer.member("name", entry.key.description)
                    writer.member("alias", entry.value.alias)
                    writer.member("portals", strings: entry.value.portals.sorted().map(\.description))
                }
            }
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        guard try fields.string("format") == Self.format else {
            throw .invalid(path: fields.path("format"), reason: "is not \(Self.format)")
        }
        at = try fields.parsed("at", expected: "a time") { Timestamp($0) }
        answered = Set(try Self.addresses(fields, "answered"))
        targets = [:]
        for (name, target) in try fields.objects(
            "targets",
            { (fields) throws(JSONError) in
                (
                    try fields.parsed("name", expected: "an iSCSI name") { ISCSIName($0) },
                    Target(
                        alias: try fields.optionalString("alias"), portals: Set(try Self.addresses(fields, "portals")))
                )
            })
        { targets[name] = target }
    }

    private static func addresses(_ fields: JSONFields, _ name: String) throws(JSONError) -> [PortalAddress] {
        var addresses: [PortalAddress] = []
        for text in try fields.strings(name) {
            guard let address = PortalAddress(text) else { throw .invalid(path: fields.path(name), reason: "has an address that is none") }
            addresses.append(address)
        }
        return addresses
    }
}

extension RecordName {
    /// Where the record's portal is; nil where its address is none.
    package var portalAddress: PortalAddress? {
        PortalAddress(address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)")
    }
}
