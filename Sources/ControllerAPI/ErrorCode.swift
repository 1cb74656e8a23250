/// Why a request was not done. The word is part of the interface: clients decide by it.
package enum ErrorCode: String, APIEnumeration {
    /// The document or a parameter breaks a rule that the message names.
    case badInput = "bad-input"
    case notFound = "not-found"
    /// Something of that name or place is there already.
    case exists
    /// The present state of the subject does not allow it.
    case conflict
    /// Others depend on it.
    case inUse = "in-use"
    case notPermitted = "not-permitted"
    /// Who asks is not known: no login, or one that is over, or one that was refused.
    case notAuthenticated = "not-authenticated"
    case tooLarge = "too-large"
    case methodNotAllowed = "method-not-allowed"
    /// A plug-in, a storage system, a pad or the database is out of reach; it may come back.
    case unavailable
    /// No answer in time; it may have been done.
    case timedOut = "timed-out"
    /// A file or directory that the request names cannot be made or written.
    case cannotCreate = "cannot-create"
    /// A file or directory that the request names is not there.
    case noInput = "no-input"
    case inputOutput = "input-output"
    case `internal`
}

/// The document that comes with every status of 400 and above: `{"error": {"code", "message", "subject"?}}`.
package struct ErrorReply: APIDocument, Equatable {
    package let error: Fault

    package struct Fault: APIDocument, Equatable {
        package let code: ErrorCode
        /// For people: what failed on what, what was expected, what to do.
        package let message: String
        /// The ID, name or field that it is about.
        package let subject: String?
    }

    package init(code: ErrorCode, message: String, subject: String? = nil) {
        error = Fault(code: code, message: message, subject: subject)
    }
}
