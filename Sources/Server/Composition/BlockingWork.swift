import Foundation
import Synchronization

/// Runs work that may block for as long as a storage system does, on threads of its own: a pad on a hung file system holds up its own
/// command and nothing else.
package final class BlockingWork: Sendable {
    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        case tooMany(limit: Int)
        case noAnswer(what: String, Duration)

        package var description: String {
            switch self {
            case .tooMany(let limit): "\(limit) operations hang on storage that does not answer; look at the pads' file systems"
            case .noAnswer(let what, let limit):
                "\(what) did not answer within \(limit.components.seconds) s; look at its file system. What was begun may still be done"
            }
        }
    }

    private let running = Mutex(0)
    private let limit: Int
    private let patience: Duration

    package init(limit: Int = 16, patience: Duration = .seconds(30)) {
        self.limit = limit
        self.patience = patience
    }

    /// - Parameter what: for the message.
    package func run<Value: Sendable>(_ what: String, _ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let begins = running.withLock { running in
            guard running < limit else { return false }
            running += 1
            return true
        }
        guard begins else { throw Failure.tooMany(limit: limit) }
        return try await withCheckedThrowingContinuation { continuation in
            let once = Once(continuation)
            let thread = Thread { [self] in
                let result = Result { try body() }
                running.withLock { $0 -= 1 }
                once.resume(with: result)
            }
            thread.stackSize = 1 << 20
            thread.name = "blocking"
            thread.start()
            let patience = patience
            Task {
                try await Task.sleep(for: patience)
                once.resume(with: .failure(Failure.noAnswer(what: what, patience)))
            }
        }
    }

    /// Whichever comes first is the answer.
    private final class Once<Value: Sendable>: Sendable {
        private let continuation: Mutex<CheckedContinuation<Value, any Error>?>

        init(_ continuation: CheckedContinuation<Value, any Error>) { self.continuation = Mutex(continuation) }

        func resume(with result: sending Result<Value, any Error>) {
            let first = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            first?.resume(with: result)
        }
    }
}
