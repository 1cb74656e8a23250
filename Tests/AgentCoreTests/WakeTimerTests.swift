import Glibc
import Testing

@testable import AgentCore

/// The timer that wakes the daemon. That it counts the time asleep (CLOCK_BOOTTIME) the kernel promises; no machine is put to sleep here.
@Suite struct WakeTimerTests {
    private static var uptime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func isReadable(_ timer: WakeTimer, within milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: timer.number, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, milliseconds) == 1
    }

    @Test func `is readable at its time, and not before`() throws {
        let timer = try WakeTimer()
        #expect(!Self.isReadable(timer, within: 0))
        let time = Self.uptime + .milliseconds(30)
        try timer.set(time)
        #expect(Self.isReadable(timer, within: 120_000))
        #expect(Self.uptime >= time)
    }

    @Test(arguments: [Duration.zero, .seconds(1)])
    func `a time that is past is readable at once`(time: Duration) throws {
        let timer = try WakeTimer()
        try timer.set(time)
        #expect(Self.isReadable(timer, within: 120_000))
    }

    @Test func `a later time takes the place of the one before`() throws {
        let timer = try WakeTimer()
        try timer.set(.zero)
        try timer.set(Self.uptime + .seconds(3_600))
        #expect(!Self.isReadable(timer, within: 0))
    }
}
