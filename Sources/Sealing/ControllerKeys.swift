import Files
import Identifiers

/// A key with its certificate.
package struct Leaf: Sendable {
    package let key: PrivateKey
    package let certificate: Certificate

    package init(key: PrivateKey, certificate: Certificate) {
        self.key = key
        self.certificate = certificate
    }
}

/// The controller's keys. In one directory of mode 0700, files of mode 0600:
///
///     ca.key, ca.pem             the authority, which agents pin; never rotated
///     signing.pem                key and certificate of the controller-signing leaf
///     decryption.pem             key and certificate of the controller-decryption leaf
///     previous/FINGERPRINT.pem   decryption leaves of before: messages sealed while a host was out still open
///
/// Each file is replaced whole. `create` makes what is missing in that order, so that one that was interrupted is finished by the next.
package struct ControllerKeys: Sendable {
    package let authority: CertificateAuthority
    package let signing: Leaf
    package let decryption: Leaf
    /// The newest first.
    package let previous: [Leaf]
    /// Signs messages: its certificate alone is embedded, since agents have the authority's.
    package let signer: Signer
    /// Signs pad headers: the authority's certificate is embedded too.
    package let headerSigner: Signer
    /// What opens messages.
    package let recipientKeys: RecipientKeys

    package init(authority: CertificateAuthority, signing: Leaf, decryption: Leaf, previous: [Leaf]) throws(SealingError) {
        self.authority = authority
        self.signing = signing
        self.decryption = decryption
        self.previous = previous
        signer = try Signer(key: signing.key, certificate: signing.certificate)
        headerSigner = try Signer(key: signing.key, certificate: signing.certificate, chain: [authority.certificate])
        recipientKeys = RecipientKeys([decryption.key] + previous.map(\.key))
    }

    /// The controller's identity on pads: its authority's key.
    package var fingerprint: Fingerprint { authority.fingerprint }

    package struct Lifetimes: Equatable, Sendable {
        package var authority: Duration
        package var leaf: Duration

        package init(authority: Duration = .seconds(30 * 365 * 86_400), leaf: Duration = .seconds(2 * 365 * 86_400)) {
            self.authority = authority
            self.leaf = leaf
        }
    }

    /// Decryption leaves of before that are kept.
    package static let maximumPrevious = 32
}

extension ControllerKeys {
    /// Makes authority and leaves, or finishes a creation that was interrupted. Throws `.exists` where all is there. `name` stands in the
    /// certificates: the controller's ID.
    package static func create(
        in directory: String, name: String, now: Timestamp, lifetimes: Lifetimes = Lifetimes()
    ) throws(ControllerKeysError) -> ControllerKeys {
        let files = try KeyDirectory(creating: directory)
        guard try !files.missing().isEmpty else { throw .exists(path: directory) }
        try files.sweep()
        if try !files.has("ca.key") { try files.write("ca.key") { () throws(SealingError) in try PrivateKey.generate().pem() } }
        let key = try files.read("ca.key") { (pem) throws(SealingError) in try PrivateKey(pem: pem) }
        if try !files.has("ca.pem") {
            try files.write("ca.pem") { () throws(SealingError) in
                try CertificateAuthority.create(key: key, name: name, now: now, lifetime: lifetimes.authority).certificate.pem
            }
        }
        let authority = try files.authority()
        for (file, role) in KeyDirectory.leaves where try !files.has(file) {
            try files.write(file) { () throws(SealingError) in
                try KeyDirectory.encode(newLeaf(authority, role, now: now, lifetime: lifetimes.leaf))
            }
        }
        return try files.keys()
    }

    /// Throws `.incomplete` where files are missing.
    package static func load(from directory: String) throws(ControllerKeysError) -> ControllerKeys {
        let files = try KeyDirectory(directory)
        let missing = try files.missing()
        guard missing.isEmpty else { throw .incomplete(path: directory, missing: missing) }
        return try files.keys()
    }

    /// Makes new leaves and keeps the old decryption leaf among the previous ones. Interrupted anywhere, what is there can be used, and
    /// rotating again goes on.
    package static func rotate(
        in directory: String, now: Timestamp, lifetimes: Lifetimes = Lifetimes()
    ) throws(ControllerKeysError) -> ControllerKeys {
        let authority = try load(from: directory).authority
        let leaves: NewLeaves
        do { leaves = try NewLeaves(authority, now: now, lifetimes: lifetimes) } catch { throw .unusable(path: directory, error) }
        return try rotate(in: directory, to: leaves)
    }

    /// The same, with leaves that were made before: what is to be done can be said first.
    package static func rotate(in directory: String, to leaves: NewLeaves) throws(ControllerKeysError) -> ControllerKeys {
        let old = try load(from: directory)
        let files = try KeyDirectory(directory)
        try files.sweep()
        // Kept first: from here on it opens messages whatever happens to decryption.pem.
        try files.keep(old.decryption)
        for (file, role) in KeyDirectory.leaves {
            try files.write(file) { () throws(SealingError) in
                try KeyDirectory.encode(role == .controllerSigning ? leaves.signing : leaves.decryption)
            }
        }
        try files.prune(keeping: maximumPrevious)
        return try files.keys()
    }

    /// Leaves that are in no file yet.
    package struct NewLeaves: Sendable {
        package let signing: Leaf
        package let decryption: Leaf

        package init(
            _ authority: CertificateAuthority, now: Timestamp, lifetimes: Lifetimes = Lifetimes()
        ) throws(SealingError) {
            signing = try newLeaf(authority, .controllerSigning, now: now, lifetime: lifetimes.leaf)
            decryption = try newLeaf(authority, .controllerDecryption, now: now, lifetime: lifetimes.leaf)
        }
    }

    private static func newLeaf(
        _ authority: CertificateAuthority, _ role: CertificateRole, now: Timestamp, lifetime: Duration
    ) throws(SealingError) -> Leaf {
        let key = try PrivateKey.generate()
        let certificate = try authority.issue(
            for: key.publicKey, role: role, subjectName: authority.certificate.subjectName, now: now, lifetime: lifetime)
        return Leaf(key: key, certificate: certificate)
    }
}

/// Why the controller's keys were not made or read.
package enum ControllerKeysError: Error, Equatable, Sendable {
    case exists(path: String)
    case incomplete(path: String, missing: [String])
    case file(FileError)
    case unusable(path: String, SealingError)
}

extension ControllerKeysError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exists(let path): "\(path) has a controller's keys already; they are not overwritten"
        case .incomplete(let path, let missing):
            "\(path) lacks \(missing.joined(separator: ", ")); restore it from a backup, or run `quartermaster init` again if it never finished"
        case .file(let error): "\(error)"
        case .unusable(let path, let error): "\(path) cannot be used: \(error); restore it from a backup"
        }
    }
}
