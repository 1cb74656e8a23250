import Files
import Glibc
import Identifiers
import Messages
import StrictJSON

/// Whose orders this host's root takes: a file for each controller whose key root named, in a directory that only root can write.
///
/// `HEX.json`, HEX being the key's fingerprint:
///
///     {"format":"quartermaster-trust/1","controllerKey":"SHA256:…","hostName":"host-…/account-…","trustedAt":"…","handled":{"floor":…,"entries":[…]}}
///
/// `hostName` is what the controller's certificates call this host; it is learned with the first order and stays. `handled` are the orders that were
/// carried out.
package struct TrustDirectory: Sendable {
    package static let format = "quartermaster-trust/1"

    package struct Entry: Equatable, Sendable {
        package var controllerKey: Fingerprint
        package var hostName: String?
        /// When root wrote what this host was trusted to the controller with.
        package var trustedAt: Timestamp?
        package var handled = HandledMessages()

        package init(controllerKey: Fingerprint) { self.controllerKey = controllerKey }
    }

    package let path: String

    package init(_ path: String) { self.path = path }

    /// Root names a controller, with the word that it wrote at `time`. What was handled for that controller before stays; what it calls this host
    /// is learned anew where root's word is newer than the one it was learned after, since a new registration may give a new name. The same word
    /// again changes nothing: whoever can have it told again cannot make this host forget which one it is.
    package func trust(_ key: Fingerprint, since time: Timestamp) throws(AgentError) {
        let lock = try lock(key)
        defer { withExtendedLifetime(lock) {} }
        var entry = try load(key) ?? Entry(controllerKey: key)
        if let trustedAt = entry.trustedAt, time <= trustedAt { return }
        entry.hostName = nil
        entry.trustedAt = time
        try save(entry)
    }

    /// Held while an order is checked and carried out.
    func lock(_ key: Fingerprint) throws(AgentError) -> FileLock {
        do throws(FileError) { try makeDirectories(path) } catch { throw .file(error) }
        return try Turn.wait(for: "\(path)/\(key.hexadecimal).lock", of: path)
    }

    /// Nil where root never named that controller.
    package func load(_ key: Fingerprint) throws(AgentError) -> Entry? {
        let file: FileDescriptor
        do throws(FileError) {
            file = try FileDescriptor(directory: path).open(beneath: "\(key.hexadecimal).json", flags: O_RDONLY)
        } catch {
            if error.errno == ENOENT { return nil }
            throw .file(error)
        }
        try file.requireOwner()
        let bytes = try file.readBytes(limit: 1 << 20)
        do throws(JSONError) {
            let entry = try Entry(json: JSONFields(JSONValue.parse(bytes)))
            guard entry.controllerKey == key else {
                throw .invalid(path: "controllerKey", reason: "is not the key that the file is named for")
            }
            return entry
        } catch {
            throw .stateDamaged(path: "\(path)/\(key.hexadecimal).json", reason: error.description)
        }
    }

    func save(_ entry: Entry) throws(AgentError) {
        do throws(FileError) {
            try FileDescriptor(directory: path).replace("\(entry.controllerKey.hexadecimal).json", with: entry.jsonBytes)
        } catch {
            throw .file(error)
        }
    }
}

extension TrustDirectory.Entry: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        _ = try json.parsed("format", expected: TrustDirectory.format) { $0 == TrustDirectory.format ? $0 : nil }
        controllerKey = try json.parsed("controllerKey", expected: "a fingerprint") { Fingerprint($0) }
        hostName = try json.optionalString("hostName")
        trustedAt = try json.has("trustedAt") ? json.timestamp("trustedAt") : nil
        handled = try HandledMessages(json: json.fields("handled"))
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("format", TrustDirectory.format)
            $0.member("controllerKey", controllerKey.description)
            $0.member("hostName", hostName)
            $0.member("trustedAt", trustedAt?.description)
            $0.member("handled", handled)
        }
    }
}
