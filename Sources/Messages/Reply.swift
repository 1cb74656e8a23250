import Identifiers
import StrictJSON

/// The controller's one decision on a host's message. `kind` reply.
package struct Reply: Equatable, Sendable {
    package var inReplyTo: MessageID
    package var outcome: Outcome

    package init(inReplyTo: MessageID, outcome: Outcome) {
        self.inReplyTo = inReplyTo
        self.outcome = outcome
    }

    package enum Outcome: Equatable, Sendable {
        /// A registration or renewal.
        case accepted(Acceptance)
        case refused(Refusal)
        /// The sender's number or epoch is behind: begin anew in this epoch, behind `nextSequence`, and send everything.
        case resync(epoch: Int64, nextSequence: Int64?)
        /// Anything else that was taken in.
        case received
    }
}

/// What a host gets when it is taken in.
package struct Acceptance: Equatable, Sendable {
    package var hostID: HostID
    package var accountID: AccountID
    /// DER: the host's certificate, then the CA's.
    package var certificates: [[UInt8]]
    /// The end of the host's certificate.
    package var expires: Timestamp
    /// For people: what the administrator should know, such as that nothing is associated.
    package var notes: [String]

    package init(hostID: HostID, accountID: AccountID, certificates: [[UInt8]], expires: Timestamp, notes: [String] = []) {
        self.hostID = hostID
        self.accountID = accountID
        self.certificates = certificates
        self.expires = expires
        self.notes = notes
    }
}

/// Why a message was refused.
package struct Refusal: Equatable, Sendable {
    package var reason: RefusalReason
    /// For people.
    package var text: String
    /// Whole seconds; nil where trying again cannot help.
    package var retryAfterSeconds: Int64?
    /// With `unknown-version`: the format versions that the controller reads.
    package var supportedVersions: [Int]

    package init(reason: RefusalReason, text: String, retryAfterSeconds: Int64? = nil, supportedVersions: [Int] = []) {
        self.reason = reason
        self.text = text
        self.retryAfterSeconds = retryAfterSeconds
        self.supportedVersions = supportedVersions
    }
}

/// The codes of refusals. A code that is not known (from a newer controller) is kept as it is.
package struct RefusalReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    /// One reason for unknown account, domain, user and wrong password or token.
    package static let badCredentials = Self(rawValue: "bad-credentials")
    package static let locked = Self(rawValue: "locked")
    package static let disabled = Self(rawValue: "disabled")
    package static let contractExpired = Self(rawValue: "contract-expired")
    package static let notPermitted = Self(rawValue: "not-permitted")
    /// The message is older than it may be.
    package static let expired = Self(rawValue: "expired")
    package static let duplicateHost = Self(rawValue: "duplicate-host")
    package static let conflict = Self(rawValue: "conflict")
    package static let wrongPad = Self(rawValue: "wrong-pad")
    package static let wrongRecipient = Self(rawValue: "wrong-recipient")
    package static let unknownVersion = Self(rawValue: "unknown-version")
    package static let notRegistered = Self(rawValue: "not-registered")
    package static let suspended = Self(rawValue: "suspended")
    package static let revoked = Self(rawValue: "revoked")
    package static let certificateExpired = Self(rawValue: "certificate-expired")
    package static let limit = Self(rawValue: "limit")
    package static let malformed = Self(rawValue: "malformed")
}

extension Reply: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        inReplyTo = try json.identifier("inReplyTo")
        switch try json.string("outcome", maximumLength: 64) {
        case "accepted":
            outcome = .accepted(try Acceptance(json: json))
        case "refused":
            outcome = .refused(try Refusal(json: json))
        case "resync":
            outcome = .resync(
                epoch: try json.integer("epoch", in: Envelope.numbers),
                nextSequence: try json.optionalInteger("nextSequence", in: Envelope.numbers))
        case "received":
            outcome = .received
        case let word:
            throw .invalid(path: json.path("outcome"), reason: "is \"\(word)\"; accepted, refused, resync and received are known")
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("inReplyTo", inReplyTo.text)
            switch outcome {
            case .accepted(let acceptance):
                writer.member("outcome", "accepted")
                acceptance.writeMembers(to: &writer)
            case .refused(let refusal):
                writer.member("outcome", "refused")
                refusal.writeMembers(to: &writer)
            case .resync(let epoch, let nextSequence):
                writer.member("outcome", "resync")
                writer.member("epoch", epoch)
                writer.member("nextSequence", nextSequence)
            case .received:
                writer.member("outcome", "received")
            }
        }
    }
}

extension Acceptance: JSONReadable {
    package init(json: JSONFields) throws(JSONError) {
        hostID = try json.identifier("hostID")
        accountID = try json.identifier("accountID")
        var certificates: [[UInt8]] = []
        for (index, text) in try json.strings("certificates", maximumCount: 4, maximumLength: 8192).enumerated() {
            guard let der = Base64.decode(text) else {
                throw .wrongType(path: "\(json.path("certificates"))[\(index)]", expected: "base64")
            }
            certificates.append(der)
        }
        guard !certificates.isEmpty else { throw .missing(path: json.path("certificates")) }
        self.certificates = certificates
        expires = try json.timestamp("expires")
        notes = try json.strings("notes", maximumCount: 64, maximumLength: 4096)
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("hostID", hostID.text)
        writer.member("accountID", accountID.text)
        writer.member("certificates", strings: certificates.map { Base64.encode($0) })
        writer.member("expires", expires.description)
        writer.member("notes", strings: notes)
    }
}

extension Refusal: JSONReadable {
    package init(json: JSONFields) throws(JSONError) {
        reason = RefusalReason(rawValue: try json.string("reason", maximumLength: 64))
        text = try json.string("text", maximumLength: 4096)
        retryAfterSeconds = try json.optionalInteger("retryAfterSeconds")
        supportedVersions =
            try json.value(ifPresent: "supportedVersions").map { value throws(JSONError) in
                guard let elements = value.arrayValue, elements.count <= 16 else {
                    throw JSONError.wrongType(path: json.path("supportedVersions"), expected: "an array of at most 16 integers")
                }
                return elements.compactMap { $0.integerValue.flatMap { Int(exactly: $0) } }
            } ?? []
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("reason", reason.rawValue)
        writer.member("text", text)
        writer.member("retryAfterSeconds", retryAfterSeconds)
        if !supportedVersions.isEmpty {
            writer.key("supportedVersions")
            writer.array(supportedVersions) { $0.integer($1) }
        }
    }
}

extension JSONFields {
    fileprivate func value(ifPresent name: String) throws(JSONError) -> JSONValue? {
        // Spelt out: in a conditional expression nil would become JSONValue.null.
        guard has(name) else { return Optional.none }
        return try value(name)
    }
}
