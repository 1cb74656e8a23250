import Files
import Glibc
import Identifiers

/// The files that `ControllerKeys` are in.
struct KeyDirectory {
    private let directory: FileDescriptor

    static let leaves: [(String, CertificateRole)] = [
        ("signing.pem", .controllerSigning), ("decryption.pem", .controllerDecryption),
    ]
    private static let maximumLength = 16 << 10

    init(_ path: String) throws(ControllerKeysError) {
        directory = try Self.file { () throws(FileError) in try FileDescriptor(directory: path) }
    }

    init(creating path: String) throws(ControllerKeysError) {
        try Self.file { () throws(FileError) in try makeDirectories(path, mode: 0o700) }
        try self.init(path)
    }

    /// The names that belong here and are not there.
    func missing() throws(ControllerKeysError) -> [String] {
        var missing: [String] = []
        for name in ["ca.key", "ca.pem"] + Self.leaves.map(\.0) where try !has(name) { missing.append(name) }
        return missing
    }

    func has(_ name: String) throws(ControllerKeysError) -> Bool {
        do throws(FileError) {
            _ = try directory.open(beneath: name, flags: 0)
            return true
        } catch {
            if error.isAbsence { return false }
            throw .file(error)
        }
    }

    func read<Value>(
        _ name: String, _ parse: ([UInt8]) throws(SealingError) -> Value
    ) throws(ControllerKeysError) -> Value {
        let bytes = try Self.file { () throws(FileError) in
            let file = try directory.open(beneath: name, flags: 0)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: file.path) }
            if name != "ca.pem", status.st_mode & 0o077 != 0 { throw .tooOpen(path: file.path, mode: status.st_mode) }
            return try file.readAll(limit: Self.maximumLength)
        }
        do throws(SealingError) { return try parse(bytes) } catch { throw .unusable(path: "\(directory.path)/\(name)", error) }
    }

    func write(_ name: String, _ make: () throws(SealingError) -> [UInt8]) throws(ControllerKeysError) {
        let bytes: [UInt8]
        do throws(SealingError) { bytes = try make() } catch { throw .unusable(path: "\(directory.path)/\(name)", error) }
        try Self.file { () throws(FileError) in try directory.replace(name, with: bytes) }
    }

    func authority() throws(ControllerKeysError) -> CertificateAuthority {
        let key = try read("ca.key") { (pem) throws(SealingError) in try PrivateKey(pem: pem) }
        return try read("ca.pem") { (pem) throws(SealingError) in
            try CertificateAuthority(key: key, certificate: Certificate(pem: pem))
        }
    }

    func keys() throws(ControllerKeysError) -> ControllerKeys {
        let authority = try authority()
        let signing = try read("signing.pem") { (pem) throws(SealingError) in try Self.decode(pem) }
        let decryption = try read("decryption.pem") { (pem) throws(SealingError) in try Self.decode(pem) }
        let previous = try previous().filter { $0.certificate.fingerprint != decryption.certificate.fingerprint }
        do throws(SealingError) {
            return try ControllerKeys(authority: authority, signing: signing, decryption: decryption, previous: previous)
        } catch {
            throw .unusable(path: directory.path, error)
        }
    }

    // MARK: Decryption leaves of before

    /// The newest first.
    private func previous() throws(ControllerKeysError) -> [Leaf] {
        guard let names = try previousNames() else { return [] }
        var leaves: [Leaf] = []
        for name in names {
            leaves.append(try read("previous/\(name)") { (pem) throws(SealingError) in try Self.decode(pem) })
        }
        return leaves.sorted { $0.certificate.notBefore > $1.certificate.notBefore }
    }

    private func previousNames() throws(ControllerKeysError) -> [String]? {
        do throws(FileError) {
            // A name that begins with a dot is what an interrupted write left.
            return try directory.open(beneath: "previous", flags: O_DIRECTORY).names(limit: 1024).filter { $0.hasSuffix(".pem") }
        } catch {
            if error.isAbsence { return nil }
            throw .file(error)
        }
    }

    /// Removes what interrupted writes left: parts of keys. Nobody else writes here, the data directory being locked.
    func sweep() throws(ControllerKeysError) {
        try Self.file { () throws(FileError) in
            for name in try directory.names(limit: 1024) where name.hasPrefix(".") && name.hasSuffix(".tmp") {
                try directory.remove(name)
            }
        }
        guard try has("previous") else { return }
        try Self.file { () throws(FileError) in
            let previous = try directory.open(beneath: "previous", flags: O_DIRECTORY)
            for name in try previous.names(limit: 1024) where name.hasPrefix(".") && name.hasSuffix(".tmp") {
                try previous.remove(name)
            }
        }
    }

    func keep(_ leaf: Leaf) throws(ControllerKeysError) {
        try Self.file { () throws(FileError) in try makeDirectories("\(directory.path)/previous", mode: 0o700) }
        let bytes: [UInt8]
        do throws(SealingError) { bytes = try Self.encode(leaf) } catch { throw .unusable(path: directory.path, error) }
        try Self.file { () throws(FileError) in
            try directory.synchronize()
            try directory.open(beneath: "previous", flags: O_DIRECTORY)
                .replace("\(leaf.certificate.fingerprint.hexadecimal).pem", with: bytes)
        }
    }

    func prune(keeping count: Int) throws(ControllerKeysError) {
        for leaf in try previous().dropFirst(count) {
            try Self.file { () throws(FileError) in
                _ = try directory.open(beneath: "previous", flags: O_DIRECTORY)
                    .remove("\(leaf.certificate.fingerprint.hexadecimal).pem")
            }
        }
    }

    // MARK: Parts

    static func encode(_ leaf: Leaf) throws(SealingError) -> [UInt8] { try leaf.key.pem() + leaf.certificate.pem }

    static func decode(_ pem: [UInt8]) throws(SealingError) -> Leaf {
        let leaf = Leaf(key: try PrivateKey(pem: pem), certificate: try Certificate(pem: pem))
        guard leaf.key.publicKey == leaf.certificate.publicKey else { throw .badKey("it is not the key of its certificate") }
        return leaf
    }

    private static func file<Value>(_ body: () throws(FileError) -> Value) throws(ControllerKeysError) -> Value {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}

extension FileError {
    /// There is nothing of that name, which is no failure.
    fileprivate var isAbsence: Bool { errno == ENOENT }
}
