import Files
import Glibc

/// Runs another program to its end, for plug-ins that speak to their system through one.
package enum OutsideProgram {
    package struct Output: Equatable, Sendable {
        /// The exit status; 128 and the signal's number where one ended it.
        package let status: Int32
        package let output: [UInt8]
        /// Standard error: at most 4 KiB, without control characters.
        package let message: String
    }

    package enum Failure: Error, Equatable, Sendable {
        case cannotStart(path: String, reason: String)
        case timedOut(path: String, after: Duration)
        case tooMuchOutput(path: String, limit: Int)
    }

    /// Blocks. The program and what it started are killed at the deadline, and when it writes more than `limit` bytes.
    package static func run(
        _ path: String, _ arguments: [String], deadline: Duration = .seconds(20), limit: Int = 64 << 20
    ) throws(Failure) -> Output {
        var child: PluginChild
        do throws(PluginCallError) {
            child = try PluginChild(path: path, arguments: arguments)
        } catch {
            throw .cannotStart(path: path, reason: "\(error)")
        }
        child.input = nil
        var collected: (output: [UInt8], message: [UInt8]) = ([], [])
        let failure = collect(child, into: &collected, path, MonotonicTime.now + deadline, deadline, limit)
        if failure != nil { child.killGroup() }
        let status = child.reapStatus()
        if let failure { throw failure }
        let text = String(decoding: collected.message.map { $0 >= 0x20 && $0 != 0x7F ? $0 : UInt8(ascii: " ") }, as: UTF8.self)
        return Output(status: status, output: collected.output, message: text)
    }

    private static func collect(
        _ child: borrowing PluginChild, into collected: inout (output: [UInt8], message: [UInt8]), _ path: String, _ end: Duration,
        _ deadline: Duration, _ limit: Int
    ) -> Failure? {
        var descriptors = [
            pollfd(fd: child.output.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.log.number, events: Int16(POLLIN), revents: 0),
        ]
        // Until both streams end: the program's own end follows, or its deadline does.
        while descriptors.contains(where: { $0.fd >= 0 }) {
            if MonotonicTime.now >= end { return .timedOut(path: path, after: deadline) }
            guard poll(&descriptors, 2, MonotonicTime.milliseconds(until: end)) > 0 else { continue }
            for index in 0..<2 where descriptors[index].fd >= 0 && descriptors[index].revents != 0 {
                var result = 0
                let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                    result = read(descriptors[index].fd, buffer.baseAddress, buffer.count)
                    count = max(0, result)
                }
                if chunk.isEmpty {
                    // Only what failed has set errno: 0 is the end.
                    if result == 0 || (errno != EAGAIN && errno != EINTR) { descriptors[index].fd = -1 }
                } else if index == 0 {
                    collected.output += chunk
                    if collected.output.count > limit { return .tooMuchOutput(path: path, limit: limit) }
                } else if collected.message.count < 4096 {
                    collected.message += chunk.prefix(4096 - collected.message.count)
                }
            }
        }
        var ended = pollfd(fd: child.end.number, events: Int16(POLLIN), revents: 0)
        while poll(&ended, 1, MonotonicTime.milliseconds(until: end)) <= 0 {
            if MonotonicTime.now >= end { return .timedOut(path: path, after: deadline) }
        }
        return nil
    }
}

extension OutsideProgram.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotStart(_, let reason): reason
        case .timedOut(let path, let deadline): "\(path) did not end within \(deadline)"
        case .tooMuchOutput(let path, let limit): "\(path) wrote more than \(limit) bytes"
        }
    }
}
