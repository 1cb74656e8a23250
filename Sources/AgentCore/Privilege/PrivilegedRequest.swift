import Messages
import StrictJSON

/// What the daemon may ask the root helper for: one request a connection, and nothing that is not in this list.
///
///     {"request":"facts"}
///     {"request":"scan","order":{"authority":BASE64,"certificate":BASE64,"signed":BASE64}}
///     {"request":"registration-secret"}
///     {"request":"remove-registration-secret"}
package enum PrivilegedRequest: Equatable, Sendable {
    /// Facts that only root can read.
    case facts
    /// Have the SCSI hosts look for new logical units, as the controller ordered.
    case scan(SignedOrder)
    /// The secret of the unattended registration that root's `register.conf` names.
    case registrationSecret
    /// That registration is accepted, or not wanted: its secret is no longer needed.
    case removeRegistrationSecret

    package var name: String {
        switch self {
        case .facts: "facts"
        case .scan: "scan"
        case .registrationSecret: "registration-secret"
        case .removeRegistrationSecret: "remove-registration-secret"
        }
    }
}

extension PrivilegedRequest: JSONReadable, JSONWritable {
    /// Members that are not named above are refused: whoever asks speaks exactly this.
    package init(json: JSONFields) throws(JSONError) {
        let name = try json.string("request", maximumLength: 64)
        try json.allowOnly(name == "scan" ? ["request", "order"] : ["request"])
        switch name {
        case "facts": self = .facts
        case "scan": self = .scan(try SignedOrder(json: json.fields("order")))
        case "registration-secret": self = .registrationSecret
        case "remove-registration-secret": self = .removeRegistrationSecret
        default:
            throw .invalid(path: json.path("request"), reason: "is not facts, scan, registration-secret or remove-registration-secret")
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("request", name)
            if case .scan(let order) = self { $0.member("order", order) }
        }
    }
}

/// An instruction of the controller, with what is needed to check it without being able to open messages.
package struct SignedOrder: Equatable, Sendable {
    /// The certificate of the controller's CA, DER.
    package var authority: [UInt8]
    /// This host's certificate, DER: it ties the key that the instruction is for to the host that root registered.
    package var certificate: [UInt8]
    /// CMS SignedData around the instruction's message.
    package var signed: [UInt8]

    package static let maximumBytes = 128 << 10

    package init(authority: [UInt8], certificate: [UInt8], signed: [UInt8]) {
        self.authority = authority
        self.certificate = certificate
        self.signed = signed
    }
}

extension SignedOrder: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        try json.allowOnly(["authority", "certificate", "signed"])
        authority = try json.bytes("authority", maximumBytes: 2048)
        certificate = try json.bytes("certificate", maximumBytes: 2048)
        signed = try json.bytes("signed", maximumBytes: Self.maximumBytes)
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("authority", Base64.encode(authority))
            $0.member("certificate", Base64.encode(certificate))
            $0.member("signed", Base64.encode(signed))
        }
    }
}

extension JSONFields {
    /// Refuses every member that is not named.
    func allowOnly(_ names: Set<String>) throws(JSONError) {
        for key in object.keys where !names.contains(key) { throw .invalid(path: path(key), reason: "is no member of this request") }
    }
}
