import Identifiers
import StrictJSON

/// The controller asks a host to do something. `kind` instruction. The host acknowledges with its outcome, once.
package struct Instruction: Equatable, Sendable {
    package var action: Action
    /// Not to be carried out after this.
    package var expires: Timestamp?

    package init(action: Action, expires: Timestamp? = nil) {
        self.action = action
        self.expires = expires
    }

    package enum Action: Equatable, Sendable {
        /// The time between reports.
        case setInterval(seconds: Int64)
        /// Read everything anew and send all of it.
        case rescan
        /// Make the file system at `mountPoint` as large as what lies under it; `wwid` and `sizeBytes` are what the logical unit must show.
        case grow(mountPoint: String, wwid: WWID, sizeBytes: Int64)
        /// Set up an iSCSI session; the parameters are those of `iscsi connect`.
        case iscsiSession(parameters: JSONObject)
        /// Make a new key and ask for a certificate with a renewal.
        case rotateKeys
        /// From a newer controller: to be acknowledged `unsupported`.
        case unknown(String)

        package var name: String {
            switch self {
            case .setInterval: "set-interval"
            case .rescan: "rescan"
            case .grow: "grow"
            case .iscsiSession: "iscsi-session"
            case .rotateKeys: "rotate-keys"
            case .unknown(let name): name
            }
        }
    }
}

extension Instruction: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        expires = try json.optionalTimestamp("expires")
        switch try json.string("action", maximumLength: 64) {
        case "set-interval":
            action = .setInterval(seconds: try json.integer("seconds", in: 1...86_400))
        case "rescan":
            action = .rescan
        case "grow":
            action = .grow(
                mountPoint: try json.string("mountPoint", maximumLength: 4096),
                wwid: try json.parsed("wwid", expected: "a WWID") { WWID($0) },
                sizeBytes: try json.integer("sizeBytes", in: 1...Int64.max))
        case "iscsi-session":
            action = .iscsiSession(parameters: try json.fields("parameters").object)
        case "rotate-keys":
            action = .rotateKeys
        case let name:
            action = .unknown(name)
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("action", action.name)
            writer.member("expires", expires?.description)
            switch action {
            case .setInterval(let seconds):
                writer.member("seconds", seconds)
            case .grow(let mountPoint, let wwid, let sizeBytes):
                writer.member("mountPoint", mountPoint)
                writer.member("wwid", wwid.description)
                writer.member("sizeBytes", sizeBytes)
            case .iscsiSession(let parameters):
                writer.member("parameters", JSONValue.object(parameters))
            case .rescan, .rotateKeys, .unknown:
                break
            }
        }
    }
}
