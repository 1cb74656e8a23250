import Foundation
import Synchronization
import Testing

@testable import HostFacts

/// Dead mounts delay nothing (pain 4).
@Suite struct FileSystemUsageTests {
    private static let reading = FileSystemUsage.Reading(sizeBytes: 10, usedBytes: 4, availableBytes: 5, inodes: 4, availableInodes: 2)

    /// Holds those who wait at it until the test is over.
    private final class Gate: @unchecked Sendable {
        // Unchecked: NSCondition is made for several threads.
        private let condition = NSCondition()
        private var isOpen = false
        func wait() {
            condition.lock()
            while !isOpen { condition.wait() }
            condition.unlock()
        }
        func open() {
            condition.lock()
            isOpen = true
            condition.broadcast()
            condition.unlock()
        }
    }

    @Test func everyFileSystemAnswersInItsPlace() {
        let paths = (0..<1000).map { "/\($0)" }
        let outcomes = FileSystemUsage.ask(paths) { path in
            path == "/7"
                ? .unreadable(errno: EIO)
                : .reading(.init(sizeBytes: Int64(path.dropFirst()) ?? 0, usedBytes: 1, availableBytes: 0, inodes: 0, availableInodes: 0))
        }
        #expect(outcomes[7] == .unreadable(errno: EIO))
        #expect(outcomes[999] == .reading(.init(sizeBytes: 999, usedBytes: 1, availableBytes: 0, inodes: 0, availableInodes: 0)))
    }

    @Test func deadMountsHoldUpNeitherTheOthersNorTheCaller() {
        let gate = Gate()
        defer { gate.open() }
        let paths = (0..<40).map { "/\($0)" }
        let outcomes = FileSystemUsage.ask(paths, deadline: .seconds(2)) { path in
            if (Int(path.dropFirst()) ?? 0) % 2 == 0 { gate.wait() }
            return .reading(Self.reading)
        }
        for (index, outcome) in outcomes.enumerated() { #expect(outcome == (index % 2 == 0 ? .timedOut : .reading(Self.reading))) }
    }

    @Test func aMountThatHangsIsNotAskedAgainUntilItAnswers() {
        let gate = Gate()
        defer { gate.open() }
        let outstanding = FileSystemUsage.Outstanding()
        let asked = Mutex(0)
        let ask: @Sendable (String) -> FileSystemUsage.Outcome = { path in
            if path == "/dead" {
                asked.withLock { $0 += 1 }
                gate.wait()
            }
            return .reading(Self.reading)
        }
        for _ in 0..<3 {
            let outcomes = FileSystemUsage.ask(["/dead", "/"], deadline: .milliseconds(200), outstanding: outstanding, statfs: ask)
            #expect(outcomes[0] == .timedOut)
        }
        #expect(asked.withLock { $0 } <= 1)
        gate.open()
        let end = ContinuousClock.now + .seconds(300)
        while !outstanding.begin("/dead"), ContinuousClock.now < end { usleep(10_000) }
        outstanding.end("/dead")
        #expect(FileSystemUsage.ask(["/dead"], deadline: .seconds(300), outstanding: outstanding, statfs: ask) == [.reading(Self.reading)])
    }

    @Test func thisMachinesRootAnswersAsDfSays() throws {
        var status = statvfs()
        #expect(statvfs("/", &status) == 0)
        let outcomes = FileSystemUsage.ask(["/", "/nonexistent/quartermaster"])
        guard case .reading(let reading) = outcomes[0] else {
            Issue.record("no reading of /")
            return
        }
        #expect(reading.sizeBytes == Int64(status.f_blocks) * Int64(status.f_frsize))
        // df's Used: what is kept for root is neither used nor available.
        #expect((0...reading.sizeBytes - reading.availableBytes).contains(reading.usedBytes))
        #expect(outcomes[1] == .unreadable(errno: ENOENT))
    }
}
