import Files
import Glibc
import ISCSI
import Identifiers
import StrictJSON

/// What was there before a set-up began and what it makes of it, so that it can be put back: written before the first change, removed when the set-up
/// holds or is taken back. A file of mode 0600 in a directory of mode 0700, since records hold secrets.
///
/// `journal`: `{"format":"quartermaster-iscsi-journal/1","operation":"connect","target":…,"boot":…,"changes":[{"path":…,"before":IMAGE,"after":IMAGE}],
/// "folders":[…],"logins":[{"target":…,"address":…,"port":…,"tag":…,"interface":…}],"standing":["session3"],"hasBegunLogins":false,"hasFailed":false}`,
/// an IMAGE being `{"kind":"absent"}`, `{"kind":"file","mode":384,"bytes":"hex"}` or `{"kind":"link","target":…}`.
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
        package var changes: [Change]
        /// Folders that were there, of those on the way to the files.
        package var folders: Set<String>
        package var logins: [RecordName]
        /// What the kernel calls the time since this host started (`boot_id`): a session's number means nothing after it.
        package var boot: String
        /// The numbers of sessions of `logins` that are not this run's: they were there before it, or somebody else made them meanwhile.
        package var standing: Set<UInt32> = []
        /// From here on a session may be this run's.
        package var hasBegunLogins = false
        /// What was set up was not as expected, and is to go even where somebody has begun to use it.
        package var hasFailed = false

        /// A file of one path, before and after.
        package struct Change: Hashable, Sendable {
            package var before: FileImage
            package var after: FileImage
        }

        /// Of those logins, the sessions that may be this run's.
        func sessions(in state: HostState) -> [LiveSession] {
            state.sessions.filter { session in !standing.contains(session.number) && logins.contains { session.isOf($0) } }
        }
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

    /// As `lock`, for who changes nothing: where there is no directory, nobody is at work.
    package func lockIfThere() throws(SetupError) -> FileLock? { access(directory, F_OK) == 0 ? try lock() : nil }

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

    /// Writes an entry that has failed. Where there is no room for another journal, it is noted within the one that is there, which takes none; what
    /// cannot be noted keeps nobody from taking it back.
    func noteFailure(_ entry: Entry) {
        do throws(SetupError) {
            try write(entry)
        } catch {
            do throws(SetupError) { try noteFailureInPlace() } catch {}
        }
    }

    /// `"hasFailed":false}` is the journal's end.
    func noteFailureInPlace() throws(SetupError) {
        let folder = try folder()
        do throws(FileError) {
            let file = try folder.open(beneath: "journal", flags: O_RDWR)
            var bytes = try file.readAll(limit: Self.maximumBytes)
            defer { SecretBytes.wipe(&bytes) }
            let (old, new) = ("false}", "true }")
            guard bytes.suffix(old.utf8.count).elementsEqual(old.utf8) else { return }
            guard lseek(file.number, off_t(bytes.count - old.utf8.count), SEEK_SET) >= 0 else { return }
            try file.writeAll(Array(new.utf8))
            try file.synchronize()
        } catch {
            throw .file(error)
        }
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

    /// Nil where nothing is to be undone. What a process that was killed while it wrote has left goes.
    package func load() throws(SetupError) -> Entry? {
        let folder = try folder()
        do throws(FileError) {
            for name in try folder.names(limit: 1000) where name.hasPrefix(".journal.") { try folder.remove(name) }
        } catch {
            throw .file(error)
        }
        return try read(folder)
    }

    /// As `load`, for who changes nothing.
    package func pending() throws(SetupError) -> Entry? { access(directory, F_OK) == 0 ? try read(try folder()) : nil }

    private func read(_ folder: FileDescriptor) throws(SetupError) -> Entry? {
        let bytes: [UInt8]
        let owner: uid_t
        do throws(FileError) {
            let file = try folder.open(beneath: "journal", flags: O_RDONLY)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileError.notRegular(path: path) }
            owner = status.st_uid
            bytes = try file.readAll(limit: Self.maximumBytes)
        } catch {
            if error.errno == ENOENT { return nil }
            throw .file(error)
        }
        guard owner == geteuid() else { throw .journalDamaged(path: path, reason: "it belongs to another user (number \(owner))") }
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
            writer.member("boot", boot)
            writer.key("changes")
            writer.array(changes) { writer, change in
                writer.object { writer in
                    writer.member("path", change.before.path)
                    writer.member("before", object: { Self.write(change.before.content, to: &$0) })
                    writer.member("after", object: { Self.write(change.after.content, to: &$0) })
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
            writer.member("standing", strings: standing.sorted().map { "session\($0)" })
            writer.member("hasBegunLogins", hasBegunLogins)
            writer.member("hasFailed", hasFailed)
        }
    }

    private static func write(_ content: FileImage.Content, to writer: inout JSONWriter) {
        switch content {
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

    private static func content(_ fields: JSONFields) throws(JSONError) -> FileImage.Content {
        switch try fields.string("kind") {
        case "absent": return .absent
        case "link": return .link(try fields.string("target", maximumLength: 4096))
        case "file":
            let bytes = try fields.parsed("bytes", expected: "hexadecimal digits", maximumLength: 4 * RecordText.maximumBytes) {
                Hexadecimal.decode($0)
            }
            return .file(bytes, mode: UInt32(try fields.integer("mode", in: 0...0o7777)))
        default: throw .invalid(path: fields.path("kind"), reason: "is not absent, file or link")
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        _ = try fields.parsed("format", expected: SetupJournal.format) { $0 == SetupJournal.format ? $0 : nil }
        operation = try fields.parsed("operation", expected: "connect or forget") { SetupPlan.Operation(rawValue: $0) }
        target = try fields.parsed("target", expected: "an iSCSI name") { ISCSIName($0) }
        boot = try fields.string("boot", maximumLength: 64)
        changes = try fields.objects("changes") { fields throws(JSONError) in
            let path = try fields.parsed("path", expected: "a path below /etc/iscsi", maximumLength: 4096) { Self.isPath($0) ? $0 : nil }
            return Change(
                before: FileImage(path: path, content: try Self.content(fields.fields("before"))),
                after: FileImage(path: path, content: try Self.content(fields.fields("after"))))
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
        for name in try fields.strings("standing") {
            guard name.hasPrefix("session"), let number = UInt32(name.dropFirst("session".utf8.count)) else {
                throw .invalid(path: fields.path("standing"), reason: "has a name that is no session's")
            }
            standing.insert(number)
        }
        hasBegunLogins = try fields.bool("hasBegunLogins")
        hasFailed = try fields.bool("hasFailed")
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
