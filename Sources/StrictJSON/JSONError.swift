/// What is wrong with a JSON text or with a value found in one. `path` is dotted: `host.machineID`, `initiators[3].wwpn`.
package enum JSONError: Error, Equatable, Sendable {
    case tooLarge(bytes: Int, limit: Int)
    case syntax(offset: Int, reason: String)
    case tooDeep(offset: Int, limit: Int)
    case duplicateKey(String, offset: Int)
    case missing(path: String)
    case wrongType(path: String, expected: String)
    case invalid(path: String, reason: String)
}

extension JSONError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let bytes, let limit): "JSON text of \(bytes) bytes; at most \(limit) are read"
        case .syntax(let offset, let reason): "JSON syntax at byte \(offset): \(reason)"
        case .tooDeep(let offset, let limit): "JSON nested deeper than \(limit) at byte \(offset)"
        case .duplicateKey(let key, let offset): "JSON key \"\(key)\" given twice, again at byte \(offset)"
        case .missing(let path): "\(path) is missing"
        case .wrongType(let path, let expected): "\(path) is not \(expected)"
        case .invalid(let path, let reason): "\(path) \(reason)"
        }
    }
}
