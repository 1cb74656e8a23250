import Identifiers
import Messages
import Testing

@testable import AgentCore

@Suite struct ScheduleTests {
    @Test func `an idle agent wakes at its interval and never between`() {
        var schedule = Schedule(now: .zero)
        #expect(schedule.due(now: .zero) == [.compare, .exchange])
        schedule.compared(now: .milliseconds(40), interval: .seconds(60))
        schedule.exchanged(now: .milliseconds(40), pause: nil)
        #expect(schedule.next == .seconds(60))
        #expect(schedule.due(now: .seconds(59)) == [])
        #expect(schedule.due(now: .seconds(60)) == [.compare, .exchange])
        schedule.compared(now: .seconds(60) + .milliseconds(40), interval: .seconds(60))
        #expect(schedule.next == .seconds(120))
    }

    @Test func `ticks that were slept through are not made up for`() {
        var schedule = Schedule(now: .zero)
        schedule.compared(now: .seconds(1_000), interval: .seconds(60))
        #expect(schedule.next == .seconds(1_060))
    }

    @Test func `while an answer is awaited the pad is looked at, and the facts are not`() {
        var schedule = Schedule(now: .zero)
        schedule.compared(now: .zero, interval: .seconds(60))
        schedule.exchanged(now: .zero, pause: .milliseconds(250))
        #expect(schedule.next == .milliseconds(250))
        #expect(schedule.due(now: .milliseconds(250)) == .exchange)
        schedule.exchanged(now: .milliseconds(250), pause: nil)
        #expect(schedule.next == .seconds(60))
    }

    @Test func `device events are gathered until it is quiet, and told once`() {
        var schedule = Schedule(now: .zero)
        schedule.compared(now: .zero, interval: .seconds(60))
        #expect(!schedule.isGathering)
        schedule.deviceEvent(now: .seconds(10), settle: .seconds(2), limit: .seconds(10))
        #expect(schedule.next == .seconds(12) && schedule.isGathering)
        schedule.deviceEvent(now: .seconds(11), settle: .seconds(2), limit: .seconds(10))
        #expect(schedule.next == .seconds(13))
        #expect(schedule.due(now: .seconds(13)).contains(.compare))
        schedule.compared(now: .seconds(13), interval: .seconds(60))
        #expect(schedule.next == .seconds(73) && !schedule.isGathering)
    }

    @Test func `an endless stream of events postpones nothing beyond the limit`() {
        var schedule = Schedule(now: .zero)
        schedule.compared(now: .zero, interval: .seconds(3_600))
        var told: [Duration] = []
        for tenth in 100..<400 {
            let now = Duration.milliseconds(tenth * 100)
            schedule.deviceEvent(now: now, settle: .seconds(2), limit: .seconds(10))
            if schedule.due(now: now).contains(.compare) {
                told.append(now)
                schedule.compared(now: now, interval: .seconds(3_600))
            }
        }
        #expect(told == [.seconds(20), .milliseconds(30_100)])
    }

    @Test func `what is due at the interval waits for the events that are being gathered, and no longer than the limit`() {
        var schedule = Schedule(now: .zero)
        schedule.compared(now: .zero, interval: .seconds(60))
        for second in 55..<62 { schedule.deviceEvent(now: .seconds(second), settle: .seconds(5), limit: .seconds(600)) }
        #expect(schedule.next == .seconds(66))
        for second in 62..<90 { schedule.deviceEvent(now: .seconds(second), settle: .seconds(5), limit: .seconds(30)) }
        #expect(schedule.next == .seconds(85))
        schedule.compared(now: .seconds(85), interval: .seconds(60))
        #expect(schedule.next == .seconds(145))
    }

    @Test func `what is found may wait until the limit is over, and never where nothing is to be waited for`() {
        var schedule = Schedule(now: .zero)
        #expect(schedule.mayWait(now: .zero, settle: .seconds(2), limit: .seconds(10)))
        #expect(!schedule.mayWait(now: .zero, settle: .zero, limit: .seconds(10)))
        schedule.deviceEvent(now: .seconds(5), settle: .seconds(2), limit: .seconds(10))
        #expect(schedule.mayWait(now: .milliseconds(14_999), settle: .seconds(2), limit: .seconds(10)))
        #expect(!schedule.mayWait(now: .seconds(15), settle: .seconds(2), limit: .seconds(10)))
    }

    @Test func `a limit below the settle time is the settle time`() {
        var schedule = Schedule(now: .zero)
        schedule.compared(now: .zero, interval: .seconds(60))
        schedule.deviceEvent(now: .seconds(1), settle: .seconds(5), limit: .zero)
        schedule.deviceEvent(now: .seconds(3), settle: .seconds(5), limit: .zero)
        #expect(schedule.next == .seconds(6))
    }

    @Test func `a shorter interval takes effect at once, a longer one after the present`() {
        var schedule = Schedule(now: .zero)
        schedule.compared(now: .zero, interval: .seconds(600))
        schedule.changeInterval(now: .seconds(5), to: .seconds(10))
        #expect(schedule.next == .seconds(15))
        schedule.changeInterval(now: .seconds(5), to: .seconds(600))
        #expect(schedule.next == .seconds(15))
    }
}

@Suite struct BackoffTests {
    @Test func `the pause doubles up to an hour`() {
        let pauses = (1...12).map { Backoff.pause(attempts: $0, poll: .seconds(1)) }
        #expect(pauses.prefix(4) == [.seconds(10), .seconds(20), .seconds(40), .seconds(80)])
        #expect(pauses.last == .seconds(3_600))
        #expect(Backoff.pause(attempts: .max, poll: .milliseconds(10)) == .seconds(3_600))
    }

    @Test func `a message is due that was never published, whose pause is over, or that the clock went back behind`() throws {
        var message = OutgoingMessage(
            messageID: try #require(MessageID("message-1")), kind: .event, sequence: 1, createdAt: Timestamp(seconds: 100))
        #expect(Backoff.isDue(message, now: Timestamp(seconds: 100), poll: .seconds(1)))
        message.publishedAt = Timestamp(seconds: 100)
        message.attempts = 1
        #expect(!Backoff.isDue(message, now: Timestamp(seconds: 109), poll: .seconds(1)))
        #expect(Backoff.isDue(message, now: Timestamp(seconds: 110), poll: .seconds(1)))
        #expect(Backoff.isDue(message, now: Timestamp(seconds: 50), poll: .seconds(1)))
    }

    @Test func `answers are looked for often at first, never more often than every 50 ms`() {
        #expect(Backoff.look(waited: .zero, poll: .seconds(1), longest: .seconds(60)) == .milliseconds(250))
        #expect(Backoff.look(waited: .zero, poll: .milliseconds(20), longest: .seconds(60)) == .milliseconds(50))
        #expect(Backoff.look(waited: .seconds(80), poll: .seconds(1), longest: .seconds(60)) == .seconds(10))
        #expect(Backoff.look(waited: .seconds(86_400), poll: .seconds(1), longest: .seconds(60)) == .seconds(60))
    }
}

@Suite struct FreeSpacePolicyTests {
    private let policy = FreeSpacePolicy(interval: .seconds(900), threshold: 1)
    private let marks = [FreeSpaceMark(mountPoint: "/", sizeBytes: 1_000_000, availableBytes: 500_000)]

    private func told(secondsAgo: Int64) -> Told {
        var told = Told()
        told.freeSpace = marks
        told.freeSpaceAt = Timestamp(seconds: 10_000 - secondsAgo)
        return told
    }

    @Test(arguments: [
        (500_000, 60, false), (509_999, 60, false), (510_000, 60, true), (490_000, 60, true), (500_000, 900, true), (500_000, -5, true),
    ])
    func `it is told at its interval, sooner where much changed, and after the clock went back`(available: Int64, ago: Int64, due: Bool) {
        let new = [FreeSpaceMark(mountPoint: "/", sizeBytes: 1_000_000, availableBytes: available)]
        #expect(policy.isDue(new, told: told(secondsAgo: ago), now: Timestamp(seconds: 10_000)) == due)
    }

    @Test func `a file system that came, went or grew is told at once`() {
        let grown = [FreeSpaceMark(mountPoint: "/", sizeBytes: 1_000_001, availableBytes: 500_000)]
        #expect(policy.hasChangedMuch(from: marks, to: grown))
        #expect(policy.hasChangedMuch(from: marks, to: []))
        #expect(policy.hasChangedMuch(from: [], to: marks))
        #expect(!policy.hasChangedMuch(from: marks, to: marks))
    }

    @Test func `with a threshold of nothing any change is told, and no change is not`() {
        let policy = FreeSpacePolicy(interval: .seconds(900), threshold: 0)
        let new = [FreeSpaceMark(mountPoint: "/", sizeBytes: 1_000_000, availableBytes: 499_999)]
        #expect(policy.hasChangedMuch(from: marks, to: new))
        #expect(!policy.hasChangedMuch(from: marks, to: marks))
    }
}
