import ControllerAPI

/// What a handler gives back.
package enum Answer: Sendable {
    case document(any APIDocument)
    /// JSON that is made already.
    case json([UInt8])
    /// Text of the route's own content type.
    case text(String)
    /// A file that is sent and then removed.
    case file(String)
}
