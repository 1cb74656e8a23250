import Files
import StrictJSON

/// Why a call to a plug-in has no result. The text names the plug-in's method where there was one; the caller names the system.
package enum PluginCallError: Error, Equatable, Sendable {
    /// The plug-in answered with an error.
    case fault(PluginFault)
    /// The plug-in answered what the protocol does not allow.
    case malformed(method: String, JSONError)
    /// No answer within the deadline.
    case noAnswer(method: String, after: Duration)
    /// The process ended while the call was under way, or before.
    case ended(how: String)
    /// It broke the protocol, and was ended for that.
    case violated(PluginViolation)
    /// It ended badly before, and is not started again until the pause is over.
    case paused(remaining: Duration, because: String)
    case cannotStart(path: String, errno: Int32)
    /// `stop` was called.
    case stopped
    /// The caller's task was cancelled.
    case cancelled
}

/// What a plug-in may not do.
package enum PluginViolation: Equatable, Sendable {
    case overlongLine(limit: Int)
    /// Lines that are no answers, or answers to nothing, beyond what is put up with.
    case garbage(lines: Int, last: String)
    /// Deadlines missed in a row.
    case missedDeadlines(Int)
}

extension PluginViolation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .overlongLine(let limit): "it wrote a line of more than \(limit) bytes"
        case .garbage(let lines, let last): "it wrote \(lines) lines that answer nothing, the last because \(last)"
        case .missedDeadlines(let count): "it missed \(count) deadlines in a row"
        }
    }
}

extension PluginCallError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fault(let fault): "the plug-in answered \(fault)"
        case .malformed(let method, let error):
            "the plug-in's answer to \(method) is not as the protocol says: \(PluginText.cleaned(error.description))"
        case .noAnswer(let method, let duration): "the plug-in did not answer \(method) within \(duration)"
        case .ended(let how): "the plug-in's process ended: \(how)"
        case .violated(let violation): "the plug-in was ended, because \(violation)"
        case .paused(let remaining, let because): "the plug-in is started again in \(remaining), after this: \(because)"
        case .cannotStart(let path, let errno): "cannot start the plug-in \(path): \(FileError.text(of: errno))"
        case .stopped: "the plug-in was stopped by the controller"
        case .cancelled: "the call to the plug-in was given up"
        }
    }
}
