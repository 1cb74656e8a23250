import Files
import Glibc
import Testing

/// A pseudo-terminal: the program has one end, the test types at the other and sees what is shown.
final class Terminal {
    let programEnd: FileDescriptor
    private let userEnd: FileDescriptor
    private(set) var shown = ""

    init() throws {
        userEnd = try FileDescriptor(opening: "/dev/ptmx", flags: O_RDWR | O_NOCTTY)
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), whose macros are not imported: unlock it, and ask for its number.
        var isLocked: Int32 = 0
        var number: UInt32 = 0
        let isUnlocked = ioctl(userEnd.number, 0x4004_5431, &isLocked) == 0
        let hasNumber = ioctl(userEnd.number, 0x8004_5430, &number) == 0
        try #require(isUnlocked && hasNumber)
        programEnd = try FileDescriptor(opening: "/dev/pts/\(number)", flags: O_RDWR | O_NOCTTY)
    }

    func answer(_ question: String, with text: String) throws {
        try wait(for: question)
        try userEnd.writeAll(Array("\(text)\n".utf8))
    }

    /// Until `question` is shown, at most a minute.
    func wait(for question: String) throws {
        while !shown.contains(question) {
            var descriptor = pollfd(fd: userEnd.number, events: Int16(POLLIN), revents: 0)
            try #require(poll(&descriptor, 1, 60_000) == 1, "\(question) was not asked; shown: \(shown)")
            readWhatIsThere()
        }
    }

    func readWhatIsThere() {
        var descriptor = pollfd(fd: userEnd.number, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 0) == 1, descriptor.revents & Int16(POLLIN) != 0 {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(userEnd.number, &buffer, buffer.count)
            if count <= 0 { return }
            shown += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    var echoes: Bool {
        var settings = termios()
        return tcgetattr(programEnd.number, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }
}
