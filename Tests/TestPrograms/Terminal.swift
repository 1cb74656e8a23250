import Files
import Glibc

/// A pseudo-terminal: the program has one end, the test types at the other and sees what is shown.
package final class Terminal {
    package let programEnd: FileDescriptor
    private let userEnd: FileDescriptor
    package private(set) var shown = ""

    package enum Failure: Error {
        case notMade
        case notAsked(String, shown: String)
    }

    package init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
        userEnd = try FileDescriptor(opening: "/dev/ptmx", flags: O_RDWR | O_NOCTTY)
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), whose macros are not imported: unlock it, and ask for its number.
        var isLocked: Int32 = 0
        var number: UInt32 = 0
        let isUnlocked = ioctl(userEnd.number, 0x4004_5431, &isLocked) == 0
        let hasNumber = ioctl(userEnd.number, 0x8004_5430, &number) == 0
        guard isUnlocked, hasNumber else { throw Failure.notMade }
        programEnd = try FileDescriptor(opening: "/dev/pts/\(number)", flags: O_RDWR | O_NOCTTY)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(programEnd.number, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure.notMade }
    }

    package func answer(_ question: String, with text: String) throws {
        try wait(for: question)
        try userEnd.writeAll(Array("\(text)\n".utf8))
    }

    /// As `answer`, and what was shown up to then is not looked at again.
    package func answerNext(_ question: String, with text: String) throws {
        try answer(question, with: text)
        past += shown
        shown = ""
    }

    /// What was shown before the last of `answerNext`, too.
    package var all: String { past + shown }
    private var past = ""

    /// Until `question` is shown, at most two minutes.
    package func wait(for question: String) throws {
        while !shown.contains(question) {
            var descriptor = pollfd(fd: userEnd.number, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 120_000) == 1 else { throw Failure.notAsked(question, shown: shown) }
            readWhatIsThere()
        }
    }

    package func readWhatIsThere() {
        var descriptor = pollfd(fd: userEnd.number, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 0) == 1, descriptor.revents & Int16(POLLIN) != 0 {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(userEnd.number, &buffer, buffer.count)
            if count <= 0 { return }
            shown += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    package var echoes: Bool {
        var settings = termios()
        return tcgetattr(programEnd.number, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }
}
