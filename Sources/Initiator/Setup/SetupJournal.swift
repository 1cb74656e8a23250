import Files
import Glibc
import ISCSI
import Identifiers
import StrictJSON

/// What was there before a set-up began, so that it can be put back: written before the first change, removed when the set-up holds or is taken
/// back. A file of mode 0600 in a directory of mode 0700, since records hold secrets.
///
/// `journal`: `{"format":"quartermaster-iscsi-journal/1","operation":"connect","target":…,"before":[{"path":…,"kind":"absent|file|link","mode":384,
/// "bytes":"hex","target":…}],"folders":[…],"logins":[{"target":…,"address":…,"port":…,"tag":…,"interface":…}]}`
package struct SetupJournal: Sendable {
    package static let format = "quartermaster-iscsi-journal/1"
    private static let maximumBytes = 64 << 20

    package let directory: String

    package init(_ directory: String) { self.directory = directory }

    package var path: String { "\(directory)/journal" }

    /// What is to be undone.
    package struct Entry: Hashable, Sendable {
        package var operation: SetupPlan.Operation
        package var target: ISCSIName
        package var before: [FileImage]
        /// Folders that were there, of those on the way to the files.
        package var folders: Set<String>
        package var logins: [RecordName]
    }

    /// Held by one run at a time, to its end. Throws `.busy` where another has it.
    package func lock() throws(SetupError) -> FileLock {
        try prepare()
        do throws(FileError) {
            return try FileLock("\(directory)/lock")
        } catch {
            if case .locked = error { throw .busy(path: "\(directory)/lock") }
            throw .file(error)
        }
    }

    private func prepare() throws(SetupError) {
        do throws(FileError) { try makeDirectories(directory) } catch { throw .file(error) }
        _ = try folder()
    }

    /// The directory, believed only where it is this user's own.
    private func folder() throws(SetupError) -> FileDescriptor {
        do throws(FileError) {
            let folder = try FileDescriptor(opening: directory, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            let status = try folder.status()
            guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
                throw FileError.tooOpen(path: directory, mode: status.st_mode)
            }
            return folder
        } catch {
            if case .tooOpen = error { throw .stateOpen(path: directory) }
            throw .file(error)
        }
    }

    package func write(_ entry: Entry) throws(SetupError) {
        let folder = try folder()
        var bytes = entry.jsonBytes
        defer { SecretBytes.wipe(&bytes) }
        do throws(FileError) { try folder.replace("journal", with: bytes) } catch { throw .file(error) }
    }

    package func remove() throws(SetupError) {
        let folder = try folder()
        do throws(FileError) {
            try folder.remove("journal")
            try folder.synchronize()
        } catch {
            throw .file(error)
        }
    }

    /// Nil where nothing is to be undone.
    package func load() throws(SetupError) -> Entry? {
        let folder = try folder()
        let bytes: [UInt8]
        do throws(FileError) {
            for name in try folder.names(limit: 1000) where name.hasPrefix(".journal.") { try folder.remove(name) }
            let file = try folder.open(beneath: "journal", flags: O_RDONLY)
            let status = try file.status()
            guard status.st_uid == geteuid(), status.st_mode & S_IFMT == S_IFREG else { throw FileError.notRegular(path: path) }
            bytes = try file.readAll(limit: Self.maximumBytes)
        } catch {
            if error.errno == ENOENT { return nil }
            throw .file(error)
        }
        do throws(JSONError) {
            return try Entry(json: JSONFields(JSONValue.parse(bytes)))
        } catch {
            throw .journalDamaged(path: path, reason: "\(error)")
        }
    }
}

extension SetupJournal.Entry: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("format", SetupJournal.format)
            writer.member("operation", operation.rawValue)
            writer.member("target", target.description)
            writer.key("before")
            writer.array(before) { writer, image in
                writer.object { writer in
                    writer.member("path", image.path)
                    switch image.content {
                    case .absent: writer.member("kind", "absent")
                    case .link(let target):
                        writer.member("kind", "link")
                        writer.member("target", target)
                    case .file(let bytes, let mode):
                        writer.member("kind", "file")
                        writer.member("mode", mode)
                        writer.member("bytes", Hexadecimal.encode(bytes))
                    }
                }
            }
            writer.member("folders", strings: folders.sorted())
            writer.key("logins")
            writer.array(logins) { writer, login in
                writer.object { writer in
                    writer.member("target", login.spelling)
                    writer.member("address", login.address)
                    writer.member("port", login.port)
                    writer.member("tag", login.portalGroupTag)
                    writer.member("interface", login.interface)
                }
            }
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        _ = try fields.parsed("format", expected: SetupJournal.format) { $0 == SetupJournal.format ? $0 : nil }
        operation = try fields.parsed("operation", expected: "connect or forget") { SetupPlan.Operation(rawValue: $0) }
        target = try fields.parsed("target", expected: "an iSCSI name") { ISCSIName($0) }
        before = try fields.objects("before") { fields throws(JSONError) in
            let path = try fields.parsed("path", expected: "a path below /etc/iscsi", maximumLength: 4096) { Self.isPath($0) ? $0 : nil }
            switch try fields.string("kind") {
            case "absent": return FileImage(path: path, content: .absent)
            case "link": return FileImage(path: path, content: .link(try fields.string("target", maximumLength: 4096)))
            case "file":
                let bytes = try fields.parsed("bytes", expected: "hexadecimal digits", maximumLength: 4 * RecordText.maximumBytes) {
                    Hexadecimal.decode($0)
                }
                return FileImage(path: path, content: .file(bytes, mode: UInt32(try fields.integer("mode", in: 0...0o7777))))
            default: throw .invalid(path: fields.path("kind"), reason: "is not absent, file or link")
            }
        }
        folders = Set(try fields.strings("folders", maximumLength: 4096))
        guard folders.allSatisfy(Self.isPath) else { throw .invalid(path: fields.path("folders"), reason: "has a path that is none") }
        logins = try fields.objects("logins") { fields throws(JSONError) in
            let spelling = try fields.string("target")
            guard let target = ISCSIName(spelling) else { throw .invalid(path: fields.path("target"), reason: "is no iSCSI name") }
            return RecordName(
                target: target, spelling: spelling,
                address: try fields.parsed("address", expected: "an address") { RecordName.isAddress($0) ? $0 : nil },
                port: UInt16(try fields.integer("port", in: 1...65_535)),
                portalGroupTag: try fields.optionalInteger("tag", in: 0...65_535).map { UInt16($0) },
                interface: try fields.parsed("interface", expected: "an interface's name") { RecordName.isInterface($0) ? $0 : nil })
        }
    }

    /// Below a folder, never out of it.
    private static func isPath(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.isEmpty && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
    }
}

/// Bytes as hexadecimal digits, two for each.
enum Hexadecimal {
    static func encode(_ bytes: SecretBytes) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        defer { SecretBytes.wipe(&text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for what is none.
    static func decode(_ text: String) -> SecretBytes? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        defer { SecretBytes.wipe(&bytes) }
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return SecretBytes(bytes)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
