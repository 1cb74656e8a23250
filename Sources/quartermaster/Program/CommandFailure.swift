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

    /// The controller's own words.
    init(_ reply: ErrorReply) {
        self.init(reply.error.code.row.exit, reply.error.message, code: reply.error.code)
    }
}
