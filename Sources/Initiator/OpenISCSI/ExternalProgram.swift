import CLinux
import Files
import Glibc

/// Another program, run to its end: by its absolute path, with a clean environment, no input, and a deadline. What it prints is taken up to a
/// bound, and is detail for people: nothing is decided by it.
package struct ExternalProgram: Sendable {
    /// Where programs of the system are, in the order in which they are looked for.
    package static let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    static let maximumOutput = 16 << 10

    package struct Result: Hashable, Sendable {
        /// Nil where it was ended after its deadline.
        package var status: Int32?
        /// One line, of printable characters, at most 500 of them.
        package var detail: String
    }

    package let path: String

    package init(path: String) { self.path = path }

    /// Nil where no folder has it.
    package init?(named name: String, in folders: [String] = Self.folders) {
        guard let folder = folders.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else { return nil }
        path = "\(folder)/\(name)"
    }

    /// Throws `.file` where it cannot be started. A signal counts as status 128 and the signal's number.
    package func run(_ arguments: [String], deadline: Duration) throws(SetupError) -> Result {
        var ends: [Int32] = [0, 0]
        guard quartermaster_pipe(&ends) == 0 else { throw .file(.system(operation: "make a pipe for", path: path, errno: errno)) }
        let reading = FileDescriptor(owning: ends[0], path: "the output of \(path)")
        let process = try start(arguments, output: FileDescriptor(owning: ends[1], path: path))
        var output: [UInt8] = []
        let status = wait(for: process, reading: reading, until: ContinuousClock().now + deadline, &output)
        return Result(status: status, detail: Self.detail(output))
    }

    private func start(_ arguments: [String], output: FileDescriptor) throws(SetupError) -> Int32 {
        let null: FileDescriptor
        do throws(FileError) { null = try FileDescriptor(opening: "/dev/null", flags: O_RDWR) } catch { throw .file(error) }
        let variables = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
        var vector = ([path] + arguments).map { strdup($0) } + [nil]
        var settings = variables.map { strdup($0) } + [nil]
        defer { for text in vector + settings { free(text) } }
        var process: Int32 = 0
        let error = quartermaster_spawn(path, &vector, &settings, null.number, output.number, output.number, SIGKILL, &process)
        guard error == 0 else { throw .file(.system(operation: "start", path: path, errno: error)) }
        return process
    }

    /// Until the process has ended, or the deadline has: then it and what it started in its group are killed, and the answer is nil.
    private func wait(
        for process: Int32, reading: FileDescriptor, until deadline: ContinuousClock.Instant, _ output: inout [UInt8]
    ) -> Int32? {
        let number = quartermaster_pidfd_open(process)
        let handle = number >= 0 ? FileDescriptor(owning: number, path: path) : nil
        var isLate = false
        var isOpen = true
        fcntlNonBlocking(reading.number)
        while true {
            var status: Int32 = 0
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process || (ended < 0 && errno == ECHILD) {
                drain(reading, &output)
                if isLate { return nil }
                return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            }
            let left = deadline - ContinuousClock().now
            if left <= .zero {
                isLate = true
                kill(-process, SIGKILL)
            }
            var polled = [pollfd(fd: isOpen ? reading.number : -1, events: Int16(POLLIN), revents: 0)]
            if let handle { polled.append(pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)) }
            let milliseconds = isLate ? 10 : min(Int(left / .milliseconds(1)) + 1, handle == nil ? 20 : 1_000)
            poll(&polled, nfds_t(polled.count), Int32(milliseconds))
            if isOpen, polled[0].revents != 0 { isOpen = drain(reading, &output) }
        }
    }

    private func fcntlNonBlocking(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }

    /// What is there now; beyond the bound it is thrown away. False at the end.
    @discardableResult
    private func drain(_ reading: FileDescriptor, _ output: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(reading.number, &chunk, chunk.count)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            if count == 0 { return false }
            if output.count < Self.maximumOutput { output += chunk[..<count] }
        }
    }

    static func detail(_ output: [UInt8]) -> String {
        let lines = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline)
        let text = lines.suffix(4).joined(separator: "; ").unicodeScalars.map {
            $0.value < 0x20 || 0x7F...0x9F ~= $0.value || $0.value > 0x24F ? "?" : $0
        }
        return String(String.UnicodeScalarView(text.suffix(500)))
    }
}
