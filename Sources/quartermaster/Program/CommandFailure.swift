import ControllerAPI

/// Why a command did not do what it was asked: the message for standard error, and the exit code.
struct CommandFailure: Error, Equatable {
    let exit: ExitStatus
    let message: String
    /// The controller's reason, where it was its word.
    let code: ErrorCode?

    init(_ exit: ExitStatus, _ message: String, code: ErrorCode? = nil) {
        self.code = code
        self.exit = exit
        self.message = message
    }

    /// The controller's own words; of a bad value of an option, with the option's name, and as the wrong usage that it is.
    init(_ reply: ErrorReply, options: [String: String] = [:]) {
        let (code, message) = (reply.error.code, reply.error.message)
        guard code == .badInput, let field = reply.error.subject, let option = options[field] else {
            self.init(code.row.exit, message, code: code)
            return
        }
        let text = message.hasPrefix(field + " ") ? option + message.dropFirst(field.count) : "\(option): \(message)"
        self.init(.usage, text, code: code)
    }
}
