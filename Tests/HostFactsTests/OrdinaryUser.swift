import Foundation
import Synchronization

/// setfsuid(2), whose header Glibc's module does not have: of the calling thread alone.
@_silgen_name("setfsuid") private func setFileSystemUser(_ user: uid_t) -> Int32

/// Root may read everything; this is how a test sees what another user sees, whoever runs it.
enum OrdinaryUser {
    private static let nobody: uid_t = 65534

    /// Runs `body` on a thread of its own whose file system identity is nobody's, with which the kernel takes root's powers over files from it
    /// (setfsuid(2), capabilities(7)); threads that `body` starts are like it. Where the tests run as somebody else, as that somebody.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        guard geteuid() == 0 else { return try body() }
        let outcome = Mutex<Result<Value, any Error>?>(nil)
        let isOver = DispatchSemaphore(value: 0)
        let thread = Thread {
            _ = setFileSystemUser(nobody)
            outcome.withLock { $0 = Result { try body() } }
            isOver.signal()
        }
        thread.start()
        isOver.wait()
        guard let result = outcome.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}
