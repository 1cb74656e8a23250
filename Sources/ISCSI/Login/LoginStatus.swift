/// Status class and detail of a login response (RFC 7143 section 11.13.5).
package struct LoginStatus: Hashable, Sendable, CustomStringConvertible {
    package let statusClass: UInt8
    package let detail: UInt8

    package init(statusClass: UInt8, detail: UInt8) {
        self.statusClass = statusClass
        self.detail = detail
    }

    /// `2/2 (authorization failure)`
    package var description: String {
        guard let text else { return "\(statusClass)/\(detail)" }
        return "\(statusClass)/\(detail) (\(text))"
    }

    private var text: String? {
        switch (statusClass, detail) {
        case (0, 0): "success"
        case (1, 1): "target moved temporarily"
        case (1, 2): "target moved permanently"
        case (2, 0): "initiator error"
        case (2, 1): "authentication failure"
        case (2, 2): "authorization failure"
        case (2, 3): "not found"
        case (2, 4): "target removed"
        case (2, 5): "unsupported version"
        case (2, 6): "too many connections"
        case (2, 7): "missing parameter"
        case (2, 8): "cannot include in session"
        case (2, 9): "session type not supported"
        case (2, 10): "session does not exist"
        case (2, 11): "invalid during login"
        case (3, 0): "target error"
        case (3, 1): "service unavailable"
        case (3, 2): "out of resources"
        default: nil
        }
    }
}
