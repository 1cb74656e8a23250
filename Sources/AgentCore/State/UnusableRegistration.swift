import Glibc
import StrictJSON

/// Something under `registrations/` that is not used: a registration whose state cannot be read, what is none, or what a crash left and cannot be
/// removed. It stays as it is, and is told.
package struct UnusableRegistration: Equatable, Sendable {
    package let path: String
    /// What is wrong with it, to be read behind its path.
    package let reason: String
    /// What an administrator does about it.
    package let remedy: String

    package init(path: String, reason: String, remedy: String) {
        self.path = path
        self.reason = reason
        self.remedy = remedy
    }

    package var text: String { "\(path) \(reason)" }

    /// False where somebody has removed it since it was found.
    package var isThere: Bool {
        var status = stat()
        return lstat(path, &status) == 0 || errno != ENOENT
    }
}

extension UnusableRegistration {
    /// What was looked for as a directory beneath `registrations/`, without following links, and could not be opened.
    init(path: String, errno: Int32?, error: String) {
        switch errno {
        case ELOOP?:
            self.init(
                path: path, reason: "is a symbolic link, which is not followed",
                remedy: "put the directory itself in its place, or move the whole state directory, and name it in agent.conf "
                    + "(state-directory)")
        case ENOTDIR?:
            self.init(path: path, reason: "is no directory", remedy: "move it elsewhere: only registrations have their place there")
        case EXDEV?:
            self.init(
                path: path, reason: "is a mount point, which is not entered",
                remedy: "mount the whole state directory in its stead, and name it in agent.conf (state-directory)")
        default:
            self.init(
                path: path, reason: "cannot be opened: \(error)",
                remedy: "see that its name is text in UTF-8, that it belongs to the daemon's user, and that its disk is in order")
        }
    }

    /// A registration's directory in which no `state.json` is.
    init(withoutState path: String) {
        self.init(
            path: path, reason: "has no \(RegistrationDirectory.stateFile)",
            remedy: "put that file back; or, where nothing of this registration is wanted any more, remove the directory with its keys")
    }
}

extension UnusableRegistration: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        path = try json.string("path", maximumLength: Self.maximumLength)
        reason = try json.string("reason", maximumLength: Self.maximumLength)
        remedy = try json.string("remedy", maximumLength: Self.maximumLength)
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("path", Self.cut(path))
            $0.member("reason", Self.cut(reason))
            $0.member("remedy", Self.cut(remedy))
        }
    }

    private static let maximumLength = 16 << 10

    /// To what a reader takes: a character that is cut through has three bytes in its place.
    private static func cut(_ text: String) -> String { String(decoding: text.utf8.prefix(maximumLength - 8), as: UTF8.self) }
}
