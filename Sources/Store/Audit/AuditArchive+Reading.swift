import Files
import Glibc
import Provider
import StrictJSON

extension AuditArchive {
    /// The events of these sequences, which are all in this archive, in order. Their links are not looked at: `verify` does that.
    func events(_ sequences: ClosedRange<Int64>, in directory: String) throws(AuditFault) -> [AuditEvent] {
        let lines: [[UInt8]]
        do throws(FileError) {
            // The first line is the archive's own.
            lines = try Self.lines(
                of: FileDescriptor(opening: "\(directory)/\(file)", flags: O_RDONLY | O_NONBLOCK),
                skipping: Int(sequences.lowerBound - first) + 1, count: sequences.count)
        } catch {
            throw .lost(file: file, reason: error.description)
        }
        var events: [AuditEvent] = []
        for (line, sequence) in zip(lines, sequences) {
            let (event, _) = try Self.event(line[...], file: file, number: sequence - first + 2)
            guard event.sequence == sequence else { throw .gap(expected: sequence, found: event.sequence, place: file) }
            events.append(event)
        }
        guard events.count == sequences.count else {
            throw .gap(expected: sequences.lowerBound + Int64(events.count), found: last + 1, place: file)
        }
        return events
    }

    /// Reads on without keeping what is skipped. A line of more than 64 KiB is none of ours: it is cut, and then does not parse.
    private static func lines(of file: FileDescriptor, skipping: Int, count: Int) throws(FileError) -> [[UInt8]] {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var number = 0
        while lines.count < count {
            let read = Glibc.read(file.number, &chunk, chunk.count)
            if read < 0 {
                if errno == EINTR { continue }
                throw .system(operation: "read", path: file.path, errno: errno)
            }
            if read == 0 { return lines }
            var start = 0
            while start < read, lines.count < count {
                let end = chunk.withUnsafeBytes { bytes in
                    memchr(bytes.baseAddress! + start, 0x0A, read - start).map { UnsafeRawPointer($0) - bytes.baseAddress! }
                }
                if number >= skipping, line.count <= 64 << 10 { line += chunk[start..<(end ?? read)] }
                guard let end else { break }
                if number >= skipping { lines.append(line) }
                line.removeAll(keepingCapacity: true)
                number += 1
                start = end + 1
            }
        }
        return lines
    }
}
