import Identifiers
import Inventory
import StrictJSON

/// A host asks to be taken in. `kind` registration.
package struct Registration: Equatable, Sendable {
    package var accountID: AccountID
    /// The customer's domain; may be left out with a token, which belongs to one.
    package var domain: String?
    package var credential: Credential
    /// PKCS #10, DER, signed by the host's key: the key that signs the message.
    package var certificateRequest: [UInt8]
    /// How much the customer is willing to tell: 2, 3 or 4.
    package var level: Int
    /// Hosts that declare the same cluster share volumes.
    package var cluster: String?
    package var agentVersion: String
    /// The host is heard at least once in so many seconds; nil where it does not say.
    package var heardWithinSeconds: Int64?
    package var inventory: Inventory
    /// What the host calls `inventory`; nil where it does not say.
    package var inventoryDigest: InventoryDigest?

    /// Of `heardWithinSeconds`, here and in a report of free space: up to two weeks.
    package static let silences: ClosedRange<Int64> = 1...14 * 86_400

    package init(
        accountID: AccountID, domain: String?, credential: Credential, certificateRequest: [UInt8], level: Int,
        cluster: String?, agentVersion: String, heardWithinSeconds: Int64? = nil, inventory: Inventory,
        inventoryDigest: InventoryDigest? = nil
    ) {
        self.accountID = accountID
        self.domain = domain
        self.credential = credential
        self.certificateRequest = certificateRequest
        self.level = level
        self.cluster = cluster
        self.agentVersion = agentVersion
        self.heardWithinSeconds = heardWithinSeconds
        self.inventory = inventory
        self.inventoryDigest = inventoryDigest
    }

    /// What proves that the host may be registered. Never printed.
    package enum Credential: Equatable, Sendable {
        case password(user: String, password: [UInt8])
        case token([UInt8])
    }
}

extension Registration.Credential: CustomStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .password(let user, _): "password of \(user)"
        case .token: "token"
        }
    }
    /// Keeps the secret out of dumps and test reports.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Registration: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        accountID = try json.identifier("accountID")
        domain = try json.optionalString("domain", maximumLength: 256)
        let credential = try json.fields("credential")
        if credential.has("token") {
            self.credential = .token(try credential.bytes("token", maximumBytes: 1024))
        } else {
            self.credential = .password(
                user: try credential.string("user", maximumLength: 256),
                password: try credential.bytes("password", maximumBytes: 1024))
            guard domain != nil else { throw .missing(path: json.path("domain")) }
        }
        certificateRequest = try json.bytes("certificateRequest", maximumBytes: 4096)
        level = Int(try json.integer("level", in: 2...4))
        cluster = try json.optionalString("cluster", maximumLength: 256)
        agentVersion = try json.string("agentVersion", maximumLength: 128)
        heardWithinSeconds = try json.optionalInteger("heardWithinSeconds", in: Self.silences)
        inventory = try Inventory(json: json.fields("inventory"))
        inventoryDigest = try json.optionalParsed("inventoryDigest", expected: InventoryDigest.expected) { InventoryDigest($0) }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("accountID", accountID.text)
            writer.member("domain", domain)
            writer.member(
                "credential",
                object: { writer in
                    switch credential {
                    case .password(let user, let password):
                        writer.member("user", user)
                        writer.member("password", Base64.encode(password))
                    case .token(let token):
                        writer.member("token", Base64.encode(token))
                    }
                })
            writer.member("certificateRequest", Base64.encode(certificateRequest))
            writer.member("level", level)
            writer.member("cluster", cluster)
            writer.member("agentVersion", agentVersion)
            writer.member("heardWithinSeconds", heardWithinSeconds)
            writer.member("inventory", inventory)
            writer.member("inventoryDigest", inventoryDigest?.description)
        }
    }
}
