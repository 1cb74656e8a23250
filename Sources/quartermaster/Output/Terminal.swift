import Files
import Glibc

/// Standard output, standard error and, where there is one, the person at the terminal.
enum Terminal {
    /// Whether somebody can be asked: standard input and standard error are both a terminal.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Colour only where a person sees it, and not with NO_COLOR (no-color.org: set to anything but nothing).
    static var hasColour: Bool { isatty(STDOUT_FILENO) == 1 && (environment("NO_COLOR") ?? "").isEmpty }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// A line on standard error.
    static func say(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// On standard output. A reader that went away (`| head`) is no failure.
    static func print(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }
    static func print(_ text: String) { print(Array((text + "\n").utf8)) }

    /// What they type, without the end of the line; nil at the end of input.
    static func ask(_ question: String) -> String? {
        write(Array(question.utf8), to: STDERR_FILENO)
        return readLine(strippingNewline: true)
    }

    /// What they type while nothing of it is shown.
    static func askSecret(_ question: String) throws -> [UInt8] {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else {
            throw FileError.system(operation: "silence", path: "the terminal", errno: errno)
        }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
            throw FileError.system(operation: "silence", path: "the terminal", errno: errno)
        }
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            write([UInt8(ascii: "\n")], to: STDERR_FILENO)
        }
        return Array((ask(question) ?? "").utf8)
    }

    private static func write(_ bytes: [UInt8], to number: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let error = errno
                if error == EPIPE || number != STDOUT_FILENO { return }
                // A command that could not say what it found out has failed, as the agent's do.
                say("quartermaster: cannot write to standard output: \(FileError.text(of: error))")
                exit(74)
            }
            rest = rest.dropFirst(count)
        }
    }
}
