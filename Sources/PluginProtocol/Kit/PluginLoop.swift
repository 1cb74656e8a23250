import Dispatch
import Files
import Glibc
import Synchronization

/// A plug-in's main loop: requests from standard input, each on a thread of its own, answers to standard output as they are ready.
package enum PluginLoop {
    /// What to write for a request.
    package enum Answer: Sendable {
        case response(PluginResponse)
        /// As it is, newline included: for plug-ins that misbehave on purpose.
        case bytes([UInt8])
        case nothing
    }

    /// Requests that are worked on at a time; the next line is not read before one is done.
    static let concurrency = 16
    /// How long what is under way may take after the end of standard input.
    static let grace: DispatchTimeInterval = .seconds(8)

    /// Serves until standard input ends, and what was under way is answered; then returns.
    package static func run(
        input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, _ answer: @escaping @Sendable (PluginRequest) -> Answer
    ) {
        signal(SIGPIPE, SIG_IGN)
        let workers = DispatchQueue(label: "plugin", attributes: .concurrent)
        let places = DispatchSemaphore(value: concurrency)
        let underWay = DispatchGroup()
        let writer = Writer(output)
        var framer = LineFramer()
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(input, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for piece in framer.append(chunk[..<count]) {
                guard case .line(let line) = piece else {
                    let fault = PluginFault(.invalid, "a line of more than \(framer.limit) bytes", code: PluginFault.Code.parse)
                    writer.write(.response(PluginResponse(id: nil, outcome: .failure(fault))))
                    continue
                }
                switch PluginRequest.parse(line: line) {
                case .failure(let malformed):
                    writer.write(.response(PluginResponse(id: malformed.id, outcome: .failure(malformed.fault))))
                case .success(let request) where request.method == PluginMethod.initialize.rawValue:
                    // What comes behind it may need it.
                    writer.write(answer(request))
                case .success(let request):
                    places.wait()
                    workers.async(group: underWay) {
                        writer.write(answer(request))
                        places.signal()
                    }
                }
            }
        }
        _ = underWay.wait(timeout: .now() + grace)
    }

    /// Whole lines, one at a time.
    private final class Writer: Sendable {
        private let descriptor: Mutex<Int32>

        init(_ number: Int32) { descriptor = Mutex(number) }

        func write(_ answer: Answer) {
            let bytes: [UInt8]
            switch answer {
            case .response(let response): bytes = response.jsonBytes + [UInt8(ascii: "\n")]
            case .bytes(let raw): bytes = raw
            case .nothing: return
            }
            descriptor.withLock { number in
                var offset = 0
                while offset < bytes.count {
                    let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress.map { $0 + offset }, bytes.count - offset) }
                    if count < 0 {
                        if errno == EINTR { continue }
                        // The controller is gone: standard input ends as well.
                        return
                    }
                    offset += count
                }
            }
        }
    }
}

extension StoragePlugin {
    /// The whole of a plug-in's `main`.
    package static func run() {
        let dispatcher = PluginDispatcher<Self>()
        PluginLoop.run { .response(dispatcher.answer($0)) }
    }
}
