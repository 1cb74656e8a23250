import ControllerAPI
import Identifiers

/// Finds the route of a request: a table of segments, no state.
package enum RouteMatcher {
    package enum Match: Equatable, Sendable {
        case route(Operation, parameters: [String: String])
        /// The path is there; these methods are.
        case otherMethods([String])
        case nothing
    }

    /// - Parameter path: as it stands in the request, percent-encoded, without the query.
    package static func match(method: String, path: String) -> Match {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        var others: [String] = []
        for entry in table where entry.segments.count == segments.count {
            guard let parameters = parameters(entry.segments, segments) else { continue }
            if entry.route.method.rawValue == method { return .route(entry.route.operation, parameters: parameters) }
            others.append(entry.route.method.rawValue)
        }
        return others.isEmpty ? .nothing : .otherMethods(others.sorted())
    }

    private static let table = Route.all.map { (route: $0, segments: $0.path.split(separator: "/").map(String.init)) }

    private static func parameters(_ pattern: [String], _ segments: [String]) -> [String: String]? {
        var result: [String: String] = [:]
        for (expected, found) in zip(pattern, segments) {
            if expected.hasPrefix("{") {
                guard let value = percentDecoded(found), !value.isEmpty else { return nil }
                result[String(expected.dropFirst().dropLast())] = value
            } else if expected != found {
                return nil
            }
        }
        return result
    }
}

/// Undoes percent-encoding (RFC 3986 section 2.1). Nil where what comes out is not UTF-8, or a `%` has not two digits behind it.
package func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%") {
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy(\.isHexadecimalDigit), let value = UInt8(String(Substring(digits)), radix: 16)
            else { return nil }
            bytes.append(value)
            rest.removeFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
