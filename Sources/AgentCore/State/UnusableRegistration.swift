import Glibc

/// Something under `registrations/` that is not used: a registration whose state cannot be read, or what is none. It stays as it is, and is told.
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
