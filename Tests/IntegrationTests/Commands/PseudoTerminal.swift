import Files
import Foundation
import Glibc
import Testing

/// A pseudo-terminal: the program has one end, the test types at the other and sees what is shown.
final class PseudoTerminal {
    let programEnd: FileDescriptor
    private let userEnd: Int32
    private(set) var shown = ""

    init() throws {
        userEnd = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), whose macros are not imported: unlock it, and ask for its number.
        var isLocked: Int32 = 0
        var number: UInt32 = 0
        let isReady = userEnd >= 0 && ioctl(userEnd, 0x4004_5431, &isLocked) == 0 && ioctl(userEnd, 0x8004_5430, &number) == 0
        try #require(isReady)
        let end = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(end >= 0)
        programEnd = FileDescriptor(owning: end, path: "/dev/pts/\(number)")
    }

    deinit { close(userEnd) }

    func answer(_ question: String, with text: String) async throws {
        try await wait(for: question)
        let bytes = Array("\(text)\n".utf8)
        try #require(write(userEnd, bytes, bytes.count) == bytes.count)
        // What was shown for this question is not the next one's.
        shown = ""
    }

    func wait(for question: String) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while !shown.contains(question) {
            try #require(ContinuousClock.now < deadline, "\(question) was not asked; shown: \(shown)")
            readWhatIsThere()
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func readWhatIsThere() {
        var descriptor = pollfd(fd: userEnd, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 0) == 1, descriptor.revents & Int16(POLLIN) != 0 {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(userEnd, &buffer, buffer.count)
            if count <= 0 { return }
            shown += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    var echoes: Bool {
        var settings = termios()
        return tcgetattr(programEnd.number, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }
}
