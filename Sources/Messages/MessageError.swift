import Identifiers
import StrictJSON

/// Why bytes are no message that this version understands.
package enum MessageError: Error, Equatable, Sendable {
    case malformed(JSONError)
    /// A version from the future, or another format: to be answered `unknown-version`.
    case unknownFormat(found: String, messageID: MessageID?)
    /// A kind of message from the future: to be answered `unknown-version`.
    case unknownKind(found: String, messageID: MessageID?)
}

extension MessageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let error): "malformed message: \(error)"
        case .unknownFormat(let found, _):
            "message of the format \"\(found)\"; \(MessageFormat.name(version: MessageFormat.current)) is understood: update the older side"
        case .unknownKind(let found, _):
            "message of the kind \"\(found)\", which \(MessageFormat.name(version: MessageFormat.current)) does not know: update the older side"
        }
    }
}
