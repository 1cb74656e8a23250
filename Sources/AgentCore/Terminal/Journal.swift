import CLinux
import Files
import Glibc

/// systemd's journal, by its native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/): a datagram of fields, each `NAME=value` and a newline.
struct Journal: Sendable {
    private static let path = "/run/systemd/journal/socket"
    private static let maximumTextBytes = 8 << 10

    private let socketPath: String
    /// SYSLOG_IDENTIFIER, what `journalctl -t` asks for.
    private let identifier: String

    init(socketPath: String, identifier: String) {
        self.socketPath = socketPath
        self.identifier = identifier
    }

    /// Nil where standard error is something else: `JOURNAL_STREAM` is the device and inode of the journal's stream, `DEVICE:INODE` (systemd.exec(5)).
    static func ofStandardError(identifier: String) -> Journal? {
        guard let value = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return nil }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0, value == "\(status.st_dev):\(status.st_ino)" else { return nil }
        // In a debug build a test has its own.
        var path = Self.path
        #if DEBUG
            if let other = getenv("QUARTERMASTER_JOURNAL") { path = String(cString: other) }
        #endif
        return Journal(socketPath: path, identifier: identifier)
    }

    /// False where the journal did not take it: then it is to be said otherwise.
    func send(_ level: Log.Level, _ text: String, _ fields: [Log.Field: String]) -> Bool {
        let name = socketPath.utf8.map { CChar(bitPattern: $0) }
        let number = quartermaster_connect_local(name, name.count, Int32(SOCK_DGRAM.rawValue))
        guard number >= 0 else { return false }
        let socket = FileDescriptor(owning: number, path: socketPath)
        let datagram = Self.datagram(level, text, fields, identifier: identifier)
        let sent = datagram.withUnsafeBytes { Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        return sent == datagram.count
    }

    /// Values have no newlines: `Log` takes them out.
    static func datagram(_ level: Log.Level, _ text: String, _ fields: [Log.Field: String], identifier: String) -> [UInt8] {
        let message = String(decoding: text.utf8.prefix(maximumTextBytes), as: UTF8.self)
        var lines = ["MESSAGE=\(message)", "PRIORITY=\(level.rawValue)", "SYSLOG_IDENTIFIER=\(identifier)"]
        for field in Log.Field.allCases {
            if let value = fields[field] {
                lines.append("QUARTERMASTER_\(field.rawValue)=\(String(decoding: value.utf8.prefix(maximumTextBytes), as: UTF8.self))")
            }
        }
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }
}
