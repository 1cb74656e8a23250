import ControllerAPI

/// What a handler gives back.
package enum Answer: Sendable {
    case document(any APIDocument)
    /// JSON that is made already.
    case json([UInt8])
    /// A file that is sent and then removed.
    case file(String)
}
