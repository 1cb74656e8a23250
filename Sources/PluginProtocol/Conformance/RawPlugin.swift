import Glibc

/// A plug-in process spoken to line by line, without a host's manners. Blocks its thread, which must have SIGPIPE blocked (`Thread` does).
struct RawPlugin: ~Copyable {
    private var child: PluginChild?
    private var framer = LineFramer()
    private var lines: [[UInt8]] = []

    init(path: String) throws(PluginCallError) { child = try PluginChild(path: path) }

    mutating func write(_ text: String) throws {
        guard let number = child?.input?.number else { return }
        let bytes = Array(text.utf8)
        // A few hundred bytes: less than a pipe takes at once.
        guard Glibc.write(number, bytes, bytes.count) == bytes.count else {
            throw ConformanceFailure("it does not read its standard input")
        }
    }

    /// The next line; nil at the end of the output and at the deadline.
    mutating func line(before deadline: Duration) throws -> [UInt8]? {
        while lines.isEmpty {
            guard let number = child?.output.number, MonotonicTime.now < deadline else { return nil }
            var descriptor = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, MonotonicTime.milliseconds(until: deadline)) > 0 else { continue }
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            let count = read(number, &chunk, chunk.count)
            if count == 0 { return nil }
            guard count > 0 else { continue }
            for piece in framer.append(chunk[..<count]) {
                guard case .line(let line) = piece else { throw ConformanceFailure("it writes a line that is too long") }
                lines.append(line)
            }
        }
        return lines.removeFirst()
    }

    mutating func end() {
        guard let child = child.take() else { return }
        child.killGroup()
        _ = child.reapStatus()
    }
}
