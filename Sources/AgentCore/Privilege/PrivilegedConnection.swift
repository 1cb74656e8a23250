import CLinux
import Files
import Glibc
import ScratchPad

/// One end of a connection between daemon and helper. A frame is its length, four bytes with the highest first, and as many bytes of JSON.
/// Each direction carries one frame.
package struct PrivilegedConnection: Sendable {
    /// The longest request, and the longest answer: device-mapper's status of some thousand maps.
    package static let maximumRequestBytes = 256 << 10
    package static let maximumAnswerBytes = 16 << 20

    private let descriptor: FileDescriptor
    /// When, since boot, whatever is not done is given up.
    private let end: Duration
    /// Whether somebody wants this process to end: what is waited for is then given a second more.
    package var stop: PadPatience.Stop?

    /// Takes over a connected stream socket. All that is sent and received has `patience` together.
    package init(_ descriptor: FileDescriptor, patience: Duration) throws(FileError) {
        let flags = fcntl(descriptor.number, F_GETFL)
        guard flags >= 0, fcntl(descriptor.number, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw .system(operation: "use", path: descriptor.path, errno: errno)
        }
        self.descriptor = descriptor
        end = HostClock.system.uptime() + patience
    }

    package static func connect(to path: String, patience: Duration) throws(FileError) -> PrivilegedConnection {
        let name = path.utf8.map { CChar(bitPattern: $0) }
        let number = quartermaster_connect_local(name, name.count, Int32(SOCK_STREAM.rawValue))
        guard number >= 0 else { throw .system(operation: "connect to", path: path, errno: errno) }
        return try PrivilegedConnection(FileDescriptor(owning: number, path: path), patience: patience)
    }

    /// The user at the other end, as the kernel recorded it when the connection was made.
    package func peer() throws(FileError) -> UInt32 {
        var user: UInt32 = 0
        var process: Int32 = 0
        guard quartermaster_peer(descriptor.number, &user, &process) == 0 else {
            throw .system(operation: "ask for the peer of", path: descriptor.path, errno: errno)
        }
        return user
    }

    package func send(_ bytes: [UInt8]) throws(FileError) {
        let length = UInt32(bytes.count)
        let frame = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + bytes
        var offset = 0
        while offset < frame.count {
            let count = frame.withUnsafeBytes {
                Glibc.send(descriptor.number, $0.baseAddress! + offset, frame.count - offset, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                offset += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT)
            } else if errno != EINTR {
                throw .system(operation: "write to", path: descriptor.path, errno: errno)
            }
        }
    }

    /// The frame of the other side, refused beyond `limit`. The memory for it grows with what has come, not with what was announced.
    package func receive(limit: Int) throws(FileError) -> [UInt8] {
        let head = try read(4)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else { throw .tooLarge(path: "what was sent to \(descriptor.path)", limit: limit) }
        return try read(length)
    }

    private func read(_ count: Int) throws(FileError) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(max(count, 1), 64 << 10))
        // The answer may be a secret.
        defer { Secret.wipe(&chunk) }
        while result.count < count {
            let got = recv(descriptor.number, &chunk, min(chunk.count, count - result.count), 0)
            if got > 0 {
                result.append(contentsOf: chunk[..<got])
            } else if got == 0 {
                throw .system(operation: "read all of a frame from", path: descriptor.path, errno: EPIPE)
            } else if errno == EAGAIN {
                try wait(for: POLLIN)
            } else if errno != EINTR {
                throw .system(operation: "read from", path: descriptor.path, errno: errno)
            }
        }
        return result
    }

    private func wait(for events: Int32) throws(FileError) {
        let rest = end - HostClock.system.uptime()
        guard rest > .zero else { throw .system(operation: "wait for", path: descriptor.path, errno: ETIMEDOUT) }
        let milliseconds = Int32(min(rest.wholeMilliseconds + 1, 60_000))
        // A negative descriptor is passed over.
        var waiting = (
            pollfd(fd: descriptor.number, events: Int16(events), revents: 0),
            pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        )
        let count = withUnsafeMutableBytes(of: &waiting) { poll($0.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, milliseconds) }
        guard count > 0, waiting.0.revents == 0 else { return }
        // Another signal may wait there: it is not this wait's to take.
        let isStopping = stop?.isWanted() == true
        let answers = poll(&waiting.0, 1, isStopping ? min(milliseconds, 1_000) : milliseconds)
        if isStopping, answers == 0 { throw .system(operation: "wait for", path: descriptor.path, errno: ECANCELED) }
    }
}
