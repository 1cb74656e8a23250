import Foundation
import Synchronization
import Testing

@testable import Daemons

@Suite struct PadWorkersTests {
    private final class Log: Sendable {
        let entries = Mutex<[String]>([])
        func add(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }

        /// Waits until `condition` holds of the entries, up to five minutes: on a loaded machine the tests that block leave this one no thread for long.
        func wait(_ condition: ([String]) -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(300)
            while !condition(all), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test func oneLaneRunsOnePieceAtATimeInOrder() async throws {
        let log = Log()
        let workers = PadWorkers(PadWorkers.Options(threads: 4, replacements: 0, hangLimit: .seconds(10))) { _, _ in }
        for number in 0..<50 { workers.submit(lane: 1) { log.add("\(number)") } }
        try await log.wait { $0.count == 50 }
        #expect(log.all == (0..<50).map { "\($0)" })
        workers.stop(patience: .seconds(1))
    }

    @Test func aHungLaneIsReportedAndHoldsNobodyElse() async throws {
        let log = Log()
        let release = DispatchSemaphore(value: 0)
        let workers = PadWorkers(PadWorkers.Options(threads: 1, replacements: 4, hangLimit: .milliseconds(50))) { lane, isHung in
            log.add("\(lane) \(isHung ? "hangs" : "answers")")
        }
        workers.submit(lane: 1) { release.wait() }
        workers.submit(lane: 2) { log.add("other") }
        let deadline = ContinuousClock.now + .seconds(300)
        while !log.all.contains("other") || !log.all.contains("1 hangs"), ContinuousClock.now < deadline {
            workers.supervise()
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(log.all.contains("other"))
        #expect(log.all.contains("1 hangs"))
        release.signal()
        try await log.wait { $0.contains("1 answers") }
        #expect(log.all.contains("1 answers"))
        workers.stop(patience: .seconds(1))
    }

    @Test func delayedWorkWaitsForItsTime() async throws {
        let log = Log()
        let workers = PadWorkers(PadWorkers.Options(threads: 1, replacements: 0, hangLimit: .seconds(10))) { _, _ in }
        workers.submit(lane: 1, after: .milliseconds(200)) { log.add("late") }
        workers.submit(lane: 2) { log.add("early") }
        try await log.wait { $0.count == 2 }
        #expect(log.all == ["early", "late"])
        workers.stop(patience: .seconds(1))
    }

    @Test func aLookComesAgainUntilItSaysThatItDoesNot() async throws {
        let log = Log()
        let workers = PadWorkers(PadWorkers.Options(threads: 2, replacements: 0, hangLimit: .seconds(10))) { _, _ in }
        workers.submit(
            lane: 1, after: .zero,
            look: {
                log.add("look")
                return log.all.count < 3 ? .milliseconds(10) : nil
            })
        try await log.wait { $0.count == 3 }
        workers.submit(lane: 1) { log.add("end") }
        try await log.wait { $0.count == 4 }
        #expect(log.all == ["look", "look", "look", "end"])
        workers.stop(patience: .seconds(1))
    }

    @Test func looksThatWereTakenTogetherDoNotWaitForOneThatHangs() async throws {
        let log = Log()
        let release = DispatchSemaphore(value: 0)
        let workers = PadWorkers(PadWorkers.Options(threads: 1, replacements: 2, hangLimit: .milliseconds(50))) { lane, isHung in
            log.add("\(lane) \(isHung ? "hangs" : "answers")")
        }
        workers.submit(
            lane: 1, after: .milliseconds(20),
            look: {
                release.wait()
                return nil
            })
        for lane in 2...20 {
            workers.submit(
                lane: lane, after: .milliseconds(20),
                look: {
                    log.add("look")
                    return nil
                })
        }
        let deadline = ContinuousClock.now + .seconds(300)
        while log.all.count(where: { $0 == "look" }) < 19 || !log.all.contains("1 hangs"), ContinuousClock.now < deadline {
            workers.supervise()
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(log.all.count { $0 == "look" } == 19)
        #expect(log.all.contains("1 hangs"))
        release.signal()
        try await log.wait { $0.contains("1 answers") }
        #expect(log.all.contains("1 answers"))
        workers.stop(patience: .seconds(1))
    }

    @Test func workThatGetsOnByManySmallStepsDoesNotHang() throws {
        let thread = PadThread()
        var now = Instant.now
        thread.begin([Piece(dueAt: now, lane: 1, isLook: false, work: { nil })])
        _ = try #require(thread.next())
        func isNewlyHung(_ steps: UInt64) -> Bool? {
            now = now.later(by: .seconds(1))
            return thread.inspect(now: now, stuck: .milliseconds(100), hangLimit: .seconds(5)) { _ in steps }?.isNewlyHung
        }
        for steps in 1...60 { #expect(isNewlyHung(UInt64(steps)) == false) }
        // No step more: from here on it may hang.
        for _ in 1...4 { #expect(isNewlyHung(60) == false) }
        #expect([isNewlyHung(60), isNewlyHung(60)].contains(true))
        #expect(isNewlyHung(60) == false)
    }
}
