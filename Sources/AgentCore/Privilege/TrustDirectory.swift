import Files
import Glibc
import Identifiers
import Messages
import StrictJSON

/// Whose orders this host's root takes: a file for each controller whose key root named, in a directory that only root can write.
///
/// `HEX.json`, HEX being the key's fingerprint:
///
///     {"format":"quartermaster-trust/1","controllerKey":"SHA256:…","hostName":"host-…/account-…","trustedAt":"…",
///      "registrationFile":"…","handled":{"floor":…,"entries":[…]}}
///
/// `hostName` is what the controller's certificates call this host; it is learned with the first order and stays. `handled` are the orders that were
/// carried out.
package struct TrustDirectory: Sendable {
    package static let format = "quartermaster-trust/1"

    package struct Entry: Equatable, Sendable {
        package var controllerKey: Fingerprint
        package var hostName: String?
        /// When root's word was taken last.
        package var trustedAt: Timestamp?
        /// Which `register.conf` was taken as root's word, or was there when root registered (`RegistrationFile.version`); empty where there was none,
        /// and nil where an earlier version of the agent wrote this.
        package var registrationFile: String?
        package var handled = HandledMessages()

        package init(controllerKey: Fingerprint) { self.controllerKey = controllerKey }
    }

    package let path: String

    package init(_ path: String) { self.path = path }

    /// Root is here, and names a controller. What was handled for that controller before stays; what it calls this host is learned anew, since a new
    /// registration may give a new name.
    ///
    /// - Parameter file: The `register.conf` that stands beside the configuration meanwhile: it says nothing new later.
    package func trust(_ key: Fingerprint, at now: Timestamp, beside file: RegistrationFile? = nil) throws(AgentError) {
        let lock = try lock(key)
        defer { withExtendedLifetime(lock) {} }
        try learnAnew(try load(key) ?? Entry(controllerKey: key), by: file?.controllerKey == key ? file?.version ?? "" : "", now)
    }

    /// Root named a controller in a `register.conf`. The same one again changes nothing: whoever can have it told again cannot make this host forget
    /// which one it is. That one is another, the difference says, and not the clock: it may have been ahead when the last one was written.
    package func trust(_ file: RegistrationFile, at now: Timestamp) throws(AgentError) {
        let lock = try lock(file.controllerKey)
        defer { withExtendedLifetime(lock) {} }
        guard var entry = try load(file.controllerKey) else {
            return try learnAnew(Entry(controllerKey: file.controllerKey), by: file.version, now)
        }
        if let known = entry.registrationFile {
            guard known != file.version else { return }
        } else if let before = entry.trustedAt ?? writtenAt(file.controllerKey), before <= now, file.changedAt <= before {
            entry.registrationFile = file.version
            return try save(entry)
        }
        try learnAnew(entry, by: file.version, now)
    }

    private func learnAnew(_ entry: Entry, by version: String, _ now: Timestamp) throws(AgentError) {
        var entry = entry
        entry.hostName = nil
        entry.trustedAt = now
        entry.registrationFile = version
        try save(entry)
    }

    /// When the file of that controller was last written.
    func writtenAt(_ key: Fingerprint) -> Timestamp? {
        var status = stat()
        guard lstat("\(path)/\(key.hexadecimal).json", &status) == 0 else { return nil }
        return Timestamp(changeOf: status)
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
        registrationFile = try json.optionalString("registrationFile", maximumLength: 128)
        handled = try HandledMessages(json: json.fields("handled"))
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("format", TrustDirectory.format)
            $0.member("controllerKey", controllerKey.description)
            $0.member("hostName", hostName)
            $0.member("trustedAt", trustedAt?.description)
            $0.member("registrationFile", registrationFile)
            $0.member("handled", handled)
        }
    }
}
